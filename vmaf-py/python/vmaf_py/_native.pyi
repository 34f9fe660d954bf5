import numpy as np
from numpy.typing import NDArray

class VmafError(ValueError):
    """What was given can't be scored; the message says why."""

def score_u8(
    reference: NDArray[np.uint8],
    distorted: NDArray[np.uint8],
    model: str,
) -> tuple[float, dict[str, NDArray[np.float64]]]: ...
def score_u16(
    reference: NDArray[np.uint16],
    distorted: NDArray[np.uint16],
    bit_depth: int,
    model: str,
) -> tuple[float, dict[str, NDArray[np.float64]]]: ...
