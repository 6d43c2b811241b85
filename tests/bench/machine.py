"""What a benchmark ran on."""

import os
import platform
import time
from typing import Any

import torch
import transformers

from tests.bench.processor import processor

WIDTHS = (512, 768, 1024)
WIDTHS_CUDA = (4096, 8192)
TIMES = 3


def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def dtype() -> torch.dtype:
    """What the product computes in on this device."""
    return torch.float32 if device() == "cpu" else torch.bfloat16


def header() -> dict[str, Any]:
    return {
        "processor": torch.cuda.get_device_name() if device() == "cuda" else processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "dtype": str(dtype()).removeprefix("torch."),
        "matmul_peak_gflops": round(matmul_peak() / 1e9, 1),
        "load_average": [round(x, 2) for x in os.getloadavg()],
    }


def matmul_peak() -> float:
    """Operations per second of the best of a few square matrix products."""
    widths = WIDTHS if device() == "cpu" else WIDTHS_CUDA
    return max(_rate(width) for width in widths)


def _rate(width: int) -> float:
    a = torch.randn(width, width, dtype=dtype(), device=device())
    best = min(_product_s(a) for _ in range(TIMES + 1))
    return float(2 * width**3 / best)


def _product_s(a: torch.Tensor) -> float:
    started = time.perf_counter()
    # Fetching one element waits for a GPU.
    float(torch.mm(a, a)[0, 0])
    return time.perf_counter() - started
