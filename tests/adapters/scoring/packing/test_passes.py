"""Groups of a limited size, and what happens when memory runs out."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adapters.scoring.packing.passes import Budget, in_passes, is_out_of_memory
from adapters.scoring.packing.texts import Text, distinct, prefixes_of


def texts_of(lengths: list[int]) -> list[Text]:
    return [Text(tuple(range(length))) for length in lengths]


def total(texts: object) -> int:
    assert isinstance(texts, list)
    return sum(len(text.ids) for text in texts)


class Memory:
    """Runs groups of at most `room` tokens, and keeps their sizes."""

    def __init__(self, texts: list[Text], room: int, error: Exception) -> None:
        self.texts, self.room, self.error = texts, room, error
        self.sizes: list[int] = []

    def run(self, group: list[int]) -> list[int]:
        size = total([self.texts[i] for i in group])
        if size > self.room:
            raise self.error
        self.sizes.append(size)
        return [len(self.texts[i].ids) for i in group]


@given(st.lists(st.integers(1, 30), max_size=20), st.integers(1, 60))
def test_every_text_gets_its_value_within_the_limit(lengths: list[int], tokens: int) -> None:
    """Values come in the texts' order, and no group of more than one text is larger than the budget."""
    texts = texts_of(lengths)
    memory = Memory(texts, 10**6, RuntimeError())
    assert in_passes(texts, Budget(tokens), total, memory.run) == lengths
    assert all(size <= max(tokens, *lengths) for size in memory.sizes)


@given(st.lists(st.integers(1, 30), max_size=20), st.integers(30, 60))
def test_out_of_memory_halves_until_it_fits(lengths: list[int], room: int) -> None:
    """Whatever the memory holds, every text gets its value, and the budget stays small."""
    texts, budget = texts_of(lengths), Budget(1000)
    memory = Memory(texts, room, torch.OutOfMemoryError("no memory"))
    assert in_passes(texts, budget, total, memory.run) == lengths
    assert budget.tokens <= 1000 if sum(lengths) <= room else budget.tokens < 1000


def test_one_text_that_does_not_fit_is_an_error() -> None:
    """There is nothing smaller to try."""
    texts = texts_of([50])
    with pytest.raises(torch.OutOfMemoryError):
        in_passes(texts, Budget(100), total, Memory(texts, 40, torch.OutOfMemoryError("no memory")).run)


def test_another_error_is_not_tried_again() -> None:
    """Only memory is a reason to go on in smaller groups."""
    texts = texts_of([50, 50])
    with pytest.raises(RuntimeError, match="shape"):
        in_passes(texts, Budget(100), total, Memory(texts, 10, RuntimeError("shape")).run)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (MemoryError(), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
    ],
)
def test_memory_errors_of_both_kinds_of_device_are_known(error: Exception, *, expected: bool) -> None:
    """The CPU's has no class of its own."""
    assert is_out_of_memory(error) == expected


def test_the_cpu_says_so_in_these_words() -> None:
    """More memory than there is gives the error that is looked for."""
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60)
    assert is_out_of_memory(caught.value)


def test_prefixes_come_before_what_goes_on_from_them() -> None:
    """Each once, the farthest first."""
    root = Text((1, 2))
    middle, other = Text((3,), root), Text((4,), root)
    leaves = [Text((5,), middle), Text((6,), middle), Text((7,), other), Text((8,))]
    assert list(prefixes_of(leaves)) == [(root,), (middle, other)]
    assert (leaves[0].start, leaves[0].end, leaves[0].whole) == (3, 4, (1, 2, 3, 5))


@given(st.lists(st.integers(0, 5)))
def test_distinct_keys_give_all_keys_back(keys: list[int]) -> None:
    """The places lead from the different keys to the given ones."""
    different, places = distinct(keys)
    assert [different[place] for place in places] == keys
    assert len(set(different)) == len(different)
