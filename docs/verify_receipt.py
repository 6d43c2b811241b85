"""Checks receipts: python verify_receipt.py RECEIPTS.jsonl [HOTKEY]. Recomputes each reward and average; needs Python alone."""

import json, math, sys


def normalised(function):
    """Share of a normal population below the raw score, by the statistics that the receipt tells."""
    above, variance = function["raw"] - function["mean"], function["variance"]
    z = above / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, above) if above else 0.0
    return 0.5 * (1 + math.erf(z / math.sqrt(2))) if function["count"] else 0.0


def reward(receipt):
    """What the receipt's own numbers come to; None for unscored."""
    masks = [mask["value"] for mask in receipt["masks"]]
    if not (receipt["functions"] or masks or receipt["penalties"]):
        return 0.0  # no answer, or nothing left of it
    scored = [(f["weight"], normalised(f)) for f in receipt["functions"] if f["raw"] is not None]
    total = sum(weight for weight, _ in scored)
    weighted = sum(weight * value for weight, value in scored)
    penalty = math.prod(1 - penalty["adjusted"] for penalty in receipt["penalties"])
    return None if total <= 0 or None in masks else weighted / total * all(masks) * penalty


def faults(receipt, earlier):
    """What does not follow from the rest of the receipt, or from the one before it of the same hotkey."""
    found, told, alpha = reward(receipt), receipt["reward"], receipt["alpha"]
    before, average = receipt["average_before"], receipt["average"]
    if (found is None) != (told is None) or not abs((found or 0) - (told or 0)) <= 1e-12:
        yield f"reward is {told!a}, its parts come to {found}"
    after = alpha * told + (1 - alpha) * before if receipt["counted"] and told is not None else before
    if not (0 < alpha <= 1 and abs(after - average) <= 1e-12):
        yield f"average is {average!a}, it comes to {after} with alpha {alpha!a}"
    if before not in (0.0, earlier):
        yield f"average before is {before!a}, the receipt before left it at {earlier}: one is missing"


averages, wrong = {}, 0
for receipt in map(json.loads, open(sys.argv[1])):
    if receipt["hotkey"].startswith("".join(sys.argv[2:3])):
        where = f"forward {receipt['forward']!a} step {receipt['step']!a} uid {receipt['uid']!a}"
        if not receipt["counted"] and receipt["reward"] is not None:
            print(f"{where}: not counted, which is right only if the hotkey lost its uid while it was asked")
        for fault in faults(receipt, averages.get(receipt["hotkey"], receipt["average_before"])):
            print(f"{where}: {fault}")
            wrong += 1
        averages[receipt["hotkey"]] = receipt["average"]
print(f"receipts of {len(averages)} hotkeys checked, {wrong} faults")
sys.exit(1 if wrong or not averages else 0)
