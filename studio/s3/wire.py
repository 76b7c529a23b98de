"""The connections to S3: each ends when the time of the call that uses it is over (studio.network.cut_off)."""

from __future__ import annotations

from typing import Any

from botocore.awsrequest import AWSHTTPConnection, AWSHTTPConnectionPool, AWSHTTPSConnection, AWSHTTPSConnectionPool

from studio.network import cut_off
from studio.storage import Unavailable


def watch(client: Any) -> None:
    """Let botocore's `client` open connections of ours, and follow none that leads out of S3."""
    client._endpoint.http_session._pool_classes_by_scheme.update(http=_PlainPool, https=_PoolOverTLS)
    # A redirect that names no region is a proxy's: botocore asks for that of the bucket then, whose answer is a redirect
    # that names no region, and so on until the stack is full.
    client.meta.events.register("before-call.s3.HeadBucket", _refuse, unique_id="studio-no-region")


def _refuse(**_: Any) -> None:
    raise Unavailable("it leads elsewhere, and names no region")


class _Noted:
    """A connection that ends when the time of its call is over, a new one and one that is used again."""

    sock: Any

    def _new_conn(self) -> Any:
        return cut_off.note(super()._new_conn())  # type: ignore[misc]

    def request(self, *args: Any, **kwargs: Any) -> Any:
        if self.sock is not None:
            cut_off.note(self.sock)
        return super().request(*args, **kwargs)  # type: ignore[misc]

    def send(self, data: Any) -> Any:
        sent = super().send(data)  # type: ignore[misc]
        cut_off.put_off()
        return sent


class _Plain(_Noted, AWSHTTPConnection):  # type: ignore[misc]
    pass


class _OverTLS(_Noted, AWSHTTPSConnection):  # type: ignore[misc]
    pass


class _PlainPool(AWSHTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Plain


class _PoolOverTLS(AWSHTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _OverTLS
