//! `cargo xtask bench`: the figures of `cargo bench`, kept in `benches/results` and compared with the
//! last ones.
//!
//! A file of results has the date and the processor in its first lines, then `name,unit,value`.

use std::{
    fmt::Write as _,
    fs, io,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A line that `cargo bench` prints: `bench NAME VALUE UNIT`.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Such as `record.yield.vs_smol`.
    pub name: String,
    /// Such as `ratio` or `ns`.
    pub unit: String,
    /// The median.
    pub value: f64,
}

/// Figures that were measured in one sitting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// As `2026-11-28`.
    pub date: String,
    /// The name of the processor.
    pub processor: String,
    /// In the order in which they were measured.
    pub figures: Vec<Figure>,
}

/// Reads a line of `cargo bench`.
pub fn figure(line: &str) -> Option<Figure> {
    let mut words = line.split_whitespace();
    (words.next()? == "bench").then_some(())?;
    let (name, value, unit) = (words.next()?, words.next()?, words.next()?);
    Some(Figure {
        name: name.into(),
        unit: unit.into(),
        value: value.parse().ok()?,
    })
}

impl Results {
    /// The text of a file of results.
    pub fn to_text(&self) -> String {
        let figures = self.figures.iter();
        let rows =
            figures.map(|figure| format!("{},{},{:.3}\n", figure.name, figure.unit, figure.value));
        let head = format!("# {}\n# {}\nname,unit,value\n", self.date, self.processor);
        [head].into_iter().chain(rows).collect()
    }

    /// Reads a file of results; `None` if it is not one, or one of another form.
    pub fn parse(text: &str) -> Option<Results> {
        let mut lines = text.lines();
        let mut head = || lines.next()?.strip_prefix("# ").map(str::to_owned);
        let (date, processor) = (head()?, head()?);
        (lines.next()? == "name,unit,value").then_some(())?;
        let figure = |line: &str| {
            let mut fields = line.split(',');
            let mut field = || fields.next().map(str::to_owned);
            Some(Figure {
                name: field()?,
                unit: field()?,
                value: field()?.parse().ok()?,
            })
        };
        Some(Results {
            date,
            processor,
            figures: lines.map(figure).collect::<Option<_>>()?,
        })
    }

    /// A table of these figures beside the earlier ones: ratios always, other units only if the
    /// processor is the same.
    pub fn beside(&self, last: &Results) -> String {
        let is_same = self.processor == last.processor;
        let mut table = format!("last: {}, {}\n", last.date, last.processor);
        if !is_same {
            table.push_str("another processor: only ratios are compared\n");
        }
        for now in &self.figures {
            let before = last.figures.iter().find(|figure| figure.name == now.name);
            let before = before.filter(|_| is_same || now.unit == "ratio");
            let change = before.map_or_else(String::new, |before| {
                let percent = (now.value / before.value - 1.0) * 100.0;
                format!("{:>10.3} {percent:>+7.1} %", before.value)
            });
            let Figure { name, unit, value } = now;
            // Writing to a text does not fail.
            let _ = writeln!(table, "{name:32} {value:>10.3} {unit:6} {change}");
        }
        table
    }
}

/// The newest file of results. Their names begin with the date.
pub fn last(folder: &Path) -> io::Result<Option<Results>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    for path in paths.iter().rev() {
        if let Some(results) = Results::parse(&fs::read_to_string(path)?) {
            return Ok(Some(results));
        }
    }
    Ok(None)
}

/// Runs `cargo bench` and collects its figures, each of which `line` gets as it is printed.
pub fn measure(
    bench: &mut Command,
    date: String,
    line: &mut dyn FnMut(&str),
) -> io::Result<Results> {
    let mut child = bench.stdout(Stdio::piped()).spawn()?;
    let mut results = Results {
        date,
        processor: processor(),
        figures: Vec::new(),
    };
    for printed in BufReader::new(child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?).lines() {
        let printed = printed?;
        line(&printed);
        results.figures.extend(figure(&printed));
    }
    let status = child.wait()?;
    if status.success() {
        Ok(results)
    } else {
        Err(io::Error::other(format!("cargo bench: {status}")))
    }
}

/// The name of the processor, where the system tells it.
pub fn processor() -> String {
    let known = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = known.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| Some(line.split_once(':')?.1.trim()));
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}

/// The file that results are kept in.
pub fn path(folder: &Path, results: &Results) -> PathBuf {
    let processor: String = results
        .processor
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    folder.join(format!("{}-{processor}.csv", results.date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(processor: &str, values: [f64; 2]) -> Results {
        let [ratio, nanoseconds] = values;
        let lines = [
            format!("bench record.yield.vs_smol {ratio} ratio"),
            format!("bench record.event {nanoseconds} ns"),
        ];
        Results {
            date: "2026-11-28".into(),
            processor: processor.into(),
            figures: lines.iter().filter_map(|line| figure(line)).collect(),
        }
    }

    #[test]
    fn results_are_read_as_they_were_written() {
        let results = results("AMD EPYC", [0.421, 5.0]);
        assert_eq!(results.figures.len(), 2);
        assert_eq!(Results::parse(&results.to_text()), Some(results.clone()));
        assert_eq!(Results::parse("name,unit,before,after\na,ns,1,2\n"), None);
        let path = path(Path::new("results"), &results);
        assert_eq!(path, Path::new("results/2026-11-28-amd-epyc.csv"));
    }

    #[test]
    fn times_of_another_processor_are_not_compared() {
        let now = results("AMD EPYC", [0.4, 5.0]);
        let same = now.beside(&results("AMD EPYC", [0.5, 4.0]));
        assert!(
            same.contains("-20.0 %") && same.contains("+25.0 %"),
            "{same}"
        );
        let other = now.beside(&results("Xeon", [0.5, 4.0]));
        assert!(
            other.contains("-20.0 %") && !other.contains("+25.0 %"),
            "{other}"
        );
    }
}
