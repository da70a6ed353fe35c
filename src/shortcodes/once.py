"""What is made when it is first asked for, and kept."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

_Value = TypeVar("_Value")


class once(Generic[_Value]):  # noqa: N801  # is written as a decorator
    """As `functools.cached_property`, without the lock that it has in Python 3.11.

    That lock is one for all instances, and a process that is forked while another thread holds it waits for ever. Here
    two threads at once may both make a value, and both get that of the first.
    """

    def __init__(self, make: Callable[[Any], _Value]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> "once[_Value]": ...
    @overload
    def __get__(self, instance: object, owner: type) -> _Value: ...
    def __get__(self, instance: object | None, owner: type) -> "once[_Value] | _Value":
        """Make the value; from then on the instance has it, and this is not asked any more."""
        if instance is None:
            return self
        value: _Value = vars(instance).setdefault(self._name, self._make(instance))
        return value
