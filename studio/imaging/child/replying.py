"""Turn a request into a reply, whatever happens on the way."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path
from typing import Any

from studio.imaging import unusable
from studio.imaging.child import tasks
from studio.imaging.child.opening import DECODER_ERRORS
from studio.imaging.child.writing import Desk

# The machine's trouble, not the picture's: the parent raises these as they are.
_MACHINE_TROUBLE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.EIO, errno.EMFILE}
)
_LONGEST_DETAIL = 4000


def reply_to(request: dict[str, Any]) -> dict[str, Any]:
    """Do the task; a failure is a reply with a reason, or with the `errno` of the machine's trouble."""
    desk = Desk(Path(request["into"]), request["prefix"])
    try:
        return tasks.TASKS[request["task"]](Path(request["source"]), desk, request["sizes"])
    except unusable.Unusable as refusal:
        return _refused(refusal)
    except MemoryError:
        return _refused(unusable.too_complex())
    except OSError as trouble:
        if trouble.errno in _MACHINE_TROUBLE:
            return {"errno": trouble.errno}
        return _refused(unusable.too_complex(), traceback.format_exc())
    except DECODER_ERRORS:
        # Decoding is guarded where it happens, so this is a mode or a value our own code did not foresee.
        return _refused(unusable.too_complex(), traceback.format_exc())


def _refused(refusal: unusable.Unusable, detail: str = "") -> dict[str, Any]:
    return {"reason": refusal.reason, "sentence": refusal.sentence, "detail": detail[-_LONGEST_DETAIL:]}
