"""Replaces functions of asyncio by ones that also record."""

import functools

from .recorder import give_up


def wrap(owner, name):
    """Decorates a function that takes the place of a method, and gets the original first."""

    def replace(function):
        original = getattr(owner, name)

        @functools.wraps(original)
        def wrapper(*args, **kwargs):
            return function(original, *args, **kwargs)

        setattr(owner, name, wrapper)
        return function

    return replace


def after(owner, name):
    """Decorates a function that gets what a method has returned, and the arguments of the call."""

    def observe(function):
        @wrap(owner, name)
        def wrapper(original, *args, **kwargs):
            result = original(*args, **kwargs)
            try:
                function(result, *args, **kwargs)
            except Exception as error:
                give_up(error)
            return result

        return function

    return observe
