"""Checks receipts: python verify_receipt.py RECEIPTS.jsonl [HOTKEY]. Recomputes each reward and average; needs Python alone."""

import json
import math
import sys


def normalised(function):
    """Share of a normal population below the raw score, by the statistics that the receipt tells."""
    raw, mean, variance = function["raw"], function["mean"], function["variance"]
    if function["count"] == 0:
        return 0.0
    if variance <= 0:
        return 0.5 if raw == mean else float(raw > mean)
    return 0.5 * (1 + math.erf((raw - mean) / math.sqrt(variance) / math.sqrt(2)))


def reward(receipt):
    """What the receipt's own numbers come to; None for unscored."""
    if not receipt["penalties"]:  # no answer, or nothing left of it
        return 0.0
    scored = [(f["weight"], normalised(f)) for f in receipt["functions"] if f["raw"] is not None]
    total = sum(weight for weight, _ in scored)
    masks = [mask["value"] for mask in receipt["masks"]]
    if total <= 0 or None in masks:
        return None
    weighted = sum(weight * value for weight, value in scored) / total
    return weighted * all(masks) * math.prod(1 - penalty["adjusted"] for penalty in receipt["penalties"])


def faults(receipt):
    """What in a receipt does not follow from the rest of it."""
    found, told, alpha = reward(receipt), receipt["reward"], receipt["alpha"]
    if (found is None) != (told is None) or abs((found or 0) - (told or 0)) > 1e-12:
        yield f"reward is {told}, its parts come to {found}"
    average = receipt["average_before"]
    if receipt["counted"]:
        average = alpha * told + (1 - alpha) * average
    if abs(average - receipt["average"]) > 1e-12:
        yield f"average is {receipt['average']}, it comes to {average}"


receipts = [json.loads(line) for line in open(sys.argv[1])]
mine = [receipt for receipt in receipts if receipt["hotkey"].startswith("".join(sys.argv[2:3]))]
wrong = [(receipt, fault) for receipt in mine for fault in faults(receipt)]
for receipt, fault in wrong:
    print(f"forward {receipt['forward']} step {receipt['step']} uid {receipt['uid']}: {fault}")
print(f"{len(mine)} receipts checked, {len(wrong)} faults")
sys.exit(1 if wrong else 0)
