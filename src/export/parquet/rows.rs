//! From rows to columns.

use std::{
    io::{self, Write},
    sync::Arc,
};

use parquet::{
    basic::Compression,
    column::writer::ColumnWriter,
    data_type::ByteArray,
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::{parser::parse_message_type, types::TypePtr},
};

/// `TableWriter` that are written together.
const GROUP: usize = 1 << 17;

/// A value in a row.
pub(super) enum ColumnValue {
    None,
    Int(i32),
    Long(i64),
    Text(String),
}

impl From<u32> for ColumnValue {
    fn from(number: u32) -> ColumnValue {
        ColumnValue::Long(number.into())
    }
}

/// A table that is being written.
pub(super) struct TableWriter<W: Write + Send> {
    to: SerializedFileWriter<W>,
    columns: Vec<ColumnBuffer>,
    waiting: usize,
}

/// The values of a column that are there, and for each row whether there is one.
#[derive(Default)]
struct ColumnBuffer {
    required: bool,
    ints: Vec<i32>,
    longs: Vec<i64>,
    texts: Vec<ByteArray>,
    there: Vec<i16>,
}

impl<W: Write + Send> TableWriter<W> {
    /// A table with these columns: a message in Parquet's own words.
    pub(super) fn new(schema: &str, to: W) -> io::Result<TableWriter<W>> {
        let schema: TypePtr = Arc::new(parse_message_type(schema).map_err(failed)?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let required = |field: &TypePtr| ColumnBuffer {
            required: !field.is_optional(),
            ..ColumnBuffer::default()
        };
        let columns = schema.get_fields().iter().map(required).collect();
        let to = SerializedFileWriter::new(to, schema, Arc::new(properties)).map_err(failed)?;
        Ok(TableWriter {
            to,
            columns,
            waiting: 0,
        })
    }

    /// Adds a row: a value for each column, of its type.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = ColumnValue>) -> io::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            if !column.required {
                column
                    .there
                    .push(i16::from(!matches!(cell, ColumnValue::None)));
            }
            match cell {
                ColumnValue::None => {}
                ColumnValue::Int(number) => column.ints.push(number),
                ColumnValue::Long(number) => column.longs.push(number),
                ColumnValue::Text(text) => column.texts.push(text.into_bytes().into()),
            }
        }
        self.waiting += 1;
        if self.waiting == GROUP {
            self.group()?;
        }
        Ok(())
    }

    /// Ends the table.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.waiting > 0 {
            self.group()?;
        }
        self.to.close().map(drop).map_err(failed)
    }

    fn group(&mut self) -> io::Result<()> {
        let mut group = self.to.next_row_group().map_err(failed)?;
        for column in &mut self.columns {
            let Some(mut writer) = group.next_column().map_err(failed)? else {
                break;
            };
            let there = Some(column.there.as_slice()).filter(|_| !column.required);
            #[expect(
                clippy::wildcard_enum_match_arm,
                reason = "the crate's list; columns are of three types"
            )]
            let written = match writer.untyped() {
                ColumnWriter::Int32ColumnWriter(to) => to.write_batch(&column.ints, there, None),
                ColumnWriter::Int64ColumnWriter(to) => to.write_batch(&column.longs, there, None),
                ColumnWriter::ByteArrayColumnWriter(to) => {
                    to.write_batch(&column.texts, there, None)
                }
                _ => Ok(0),
            };
            written.map_err(failed)?;
            writer.close().map_err(failed)?;
            *column = ColumnBuffer {
                required: column.required,
                ..ColumnBuffer::default()
            };
        }
        group.close().map_err(failed)?;
        self.waiting = 0;
        Ok(())
    }
}

fn failed(error: ParquetError) -> io::Error {
    if let ParquetError::External(error) = error {
        io::Error::other(error)
    } else {
        io::Error::other(error)
    }
}
