"""The garbage collector of processes that live long and make much."""

import gc


def spare_collector() -> None:
    """Take what is there by now out of the collector's sight, and have it look less often.

    A request makes some hundred objects that reference counts free; by default every 700 of them are a reason to walk
    young objects, and soon old ones: a fifth of the CPU time of a checkout.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
