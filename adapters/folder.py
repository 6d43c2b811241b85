"""Where a run keeps its files."""

from pathlib import Path

from adapters.errors import OperatorError


def run_folder(logging_dir: Path, *parts: str) -> Path:
    """The folder `parts` below `--logging.logging_dir`, made if it is not there.

    Raises:
        OperatorError: it cannot be made.
    """
    base = logging_dir.expanduser()
    folder = base.joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(
            f"--logging.logging_dir {base}: {folder} cannot be made ({error.strerror}): give a folder of yours"
        ) from None
    return folder
