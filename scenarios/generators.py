"""A function that stops in the middle and is resumed by hand.

Nothing here waits. `async` is built on this: a coroutine is such a function, and "it waits" means
that it stopped at an `await`.
"""

from twin import run


def get_numbers():
    print("|| get_numbers begin")
    for number in [1, 2, 3]:
        print(f"|| get_numbers Giving {number}...")
        yield number
    print("|| get_numbers end")


def next_():
    numbers = get_numbers()
    try:
        while True:
            print(f"Out: {next(numbers)}")
    except StopIteration:
        print("StopIteration")


def for_loop():
    for number in get_numbers():
        print(f"Out: {number}")


VARIANTS = [next_, for_loop]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
