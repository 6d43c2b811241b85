"""What a run with faults came to, and whether it is good.

The run is good if all of this holds:

- The validator lived until it was asked to end, and ended then with code 0 within `END_S`; neither its log nor the subnet's has a traceback.
- It never stood still: no `LONGEST_GAP_S` without an event in its journal, and none without a judged step, whether the chain was
  there or not.
- Of the windows in which the chain was reachable, weights landed in `LEAST_LANDED_PERCENT` at least, and there was one.
- Never two submissions in flight, by the chain and by the journal; no weight for a hotkey that was replaced before it was sent;
  what the validator was told of a submission is so.
- Today's code decides all that the journal holds as it was decided.
- Every kind of fault happened.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import attrs

from adapters.localnet.chain.faults import ALL_KINDS
from tests.faults.children import END_S
from tests.faults.following import Journal
from tests.faults.happenings import Happened
from tests.faults.sendings import Judged
from tests.faults.windows import Span, Window

LEAST_LANDED_PERCENT = 99.0
LONGEST_GAP_S = 10.0
OTHERWISE_S = (5.0, 10.0, 15.0)


@attrs.frozen
class Ending:
    """How the validator's process ended.

    Attributes:
        code: its exit code; None where it had to be killed.
        took_s: from the signal on.
        was_alive: until the signal.
        tracebacks: which logs have one, its own or the subnet's.
    """

    code: int | None
    took_s: float
    was_alive: bool
    tracebacks: tuple[str, ...] = ()


@attrs.frozen
class Report:
    """What was found; `problems` says what is wrong, in words, and is empty where nothing is."""

    seed: int
    seconds: float
    faults: Mapping[str, int]
    left_out: Mapping[str, int]
    outage_percent: float
    epochs: Mapping[str, float]
    missed: tuple[str, ...]
    counts: Mapping[str, float]
    problems: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        return attrs.asdict(self)


def report(
    *,
    seed: int,
    ran: Span,
    happened: Sequence[Happened],
    windows: Sequence[Window],
    judged: Judged,
    journal: Journal,
    ending: Ending,
) -> Report:
    """Hold what was found to what must hold. `windows` are those that opened while there were faults, from `ran.begin_s` on."""
    real = Counter(fault.kind for fault in happened if fault.refused is None)
    epochs = _epochs(windows)
    problems = (
        *_of_life(ending, journal, ran),
        *_of_landing(epochs),
        *judged.in_flight,
        *journal.overlapping,
        *judged.misplaced,
        *judged.wrongly_told,
        *([f"the journal: {journal.differs}"] if journal.differs else []),
        *(f"no {kind.__name__} happened" for kind in ALL_KINDS if not real[kind.__name__]),
    )
    outage_s = sum(fault.span.end_s - fault.span.begin_s for fault in happened if fault.is_outage)
    return Report(
        seed=seed,
        seconds=round(ran.end_s - ran.begin_s, 1),
        faults={kind.__name__: real[kind.__name__] for kind in ALL_KINDS},
        left_out=Counter(fault.kind for fault in happened if fault.refused is not None),
        outage_percent=round(100 * outage_s / (ran.end_s - ran.begin_s), 1),
        epochs=epochs,
        missed=tuple(_missed(window, happened, journal) for window in windows if window.landed is None),
        counts=_counts(judged, journal, ending, ran)
        | {"steps_judged_in_outages": _in_outages(journal, happened)},
        problems=problems,
    )


def _epochs(windows: Sequence[Window]) -> Mapping[str, float]:
    landed = [window for window in windows if window.landed is not None]
    calm = [window for window in windows if not window.had_outage and not window.is_cut_short]
    otherwise = {
        f"missed_if_{least_s:g}_s_count_as_reachable": sum(
            window.landed is None and window.free_s >= least_s for window in windows
        )
        for least_s in OTHERWISE_S
    }
    reachable = sum(window.was_reachable for window in windows)
    cut_short = sum(window.is_cut_short for window in windows)
    waits = sorted(window.span.end_s - window.span.begin_s for window in landed)
    return {
        "windows": len(windows),
        "reachable": reachable,
        "landed": len(landed),
        "missed": sum(window.is_missed for window in windows),
        "landed_percent": round(100 * len(landed) / reachable, 2) if reachable else 0.0,
        "cut_short": cut_short,
        "not_reachable": len(windows) - reachable - cut_short,
        "without_outage": len(calm),
        "without_outage_landed": sum(window.landed is not None for window in calm),
        **otherwise,
        "median_s_to_land": round(waits[len(waits) // 2], 2) if waits else 0.0,
        "longest_s_to_land": round(waits[-1], 2) if waits else 0.0,
    }


def _of_life(ending: Ending, journal: Journal, ran: Span) -> list[str]:
    found = []
    if not ending.was_alive:
        found.append(f"the validator ended by itself, with code {ending.code}")
    elif ending.code != 0:
        found.append(
            f"asked to end, it ended with code {ending.code} after {ending.took_s:.1f} s ({END_S:g} s are allowed)"
        )
    found += [f"there is a traceback in {name}" for name in ending.tracebacks]
    gap_s, steps_s = _length(journal.longest_gap), _length(_quiet(journal, ran))
    if gap_s > LONGEST_GAP_S:
        found.append(f"{gap_s:.1f} s went by without an event in its journal")
    if steps_s > LONGEST_GAP_S:
        found.append(f"{steps_s:.1f} s went by without a judged step")
    return found


def _of_landing(epochs: Mapping[str, float]) -> list[str]:
    if not epochs["reachable"]:
        return ["there was no window in which the chain was reachable"]
    if epochs["landed_percent"] < LEAST_LANDED_PERCENT:
        return [
            f"weights landed in {epochs['landed_percent']} % of the windows in which the chain was reachable"
        ]
    return []


def _quiet(journal: Journal, ran: Span) -> Span:
    """The longest time of the run without a judged step."""
    times_s = [
        ran.begin_s,
        *(at_s for at_s in journal.steps_s if ran.begin_s <= at_s <= ran.end_s),
        ran.end_s,
    ]
    return max((Span(*pair) for pair in pairwise(times_s)), key=_length)


def _in_outages(journal: Journal, happened: Sequence[Happened]) -> int:
    outages = [fault.span for fault in happened if fault.is_outage]
    return sum(any(span.begin_s <= at_s <= span.end_s for span in outages) for at_s in journal.steps_s)


def _length(span: Span) -> float:
    return span.end_s - span.begin_s


def _missed(window: Window, happened: Sequence[Happened], journal: Journal) -> str:
    near = [
        str(fault)
        for fault in happened
        if window.span.overlaps(fault.span) or fault.span.overlaps(window.span)
    ]
    said = list(dict.fromkeys(journal.said_in(window.span)))
    kind = "missed" if window.is_missed else "cut short" if window.is_cut_short else "not reachable"
    return (
        f"{kind}: blocks {window.opened} to {window.closed}, {_length(window.span):.1f} s, {window.free_s:.1f} s on end without an outage; "
        f"faults: {', '.join(near) or 'none'}; it said: {' | '.join(said) or 'nothing'}"
    )


def _counts(judged: Judged, journal: Journal, ending: Ending, ran: Span) -> dict[str, float]:
    heard = Counter(sending.heard or "under way at the end" for sending in journal.sendings)
    return {
        "events": journal.events,
        "forwards_complete": len(journal.forwards_s),
        "steps_judged": len(journal.steps_s),
        "longest_gap_s": round(_length(journal.longest_gap), 1),
        "longest_without_a_step_s": round(_length(_quiet(journal, ran)), 1),
        "submissions_decided": len(journal.sendings),
        "submissions_at_the_node": judged.arrived,
        **{f"submissions_{kind}": count for kind, count in heard.items()},
        "two_in_flight": len(judged.in_flight) + len(journal.overlapping),
        "for_replaced_hotkeys": len(judged.misplaced),
        "wrongly_told": len(judged.wrongly_told),
        "changed_hands_while_sent": len(judged.crossed),
        "exit_code": -1 if ending.code is None else ending.code,
        "s_to_end": round(ending.took_s, 1),
    }
