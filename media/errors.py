"""Every error that the media package raises. HTTP statuses are mapped once, in media/problem.py."""

from collections.abc import Mapping
from typing import ClassVar


class MediaError(Exception):
    """The root: `code` is stable and is what a client may switch on; `field` names the part at fault."""

    code: ClassVar[str] = "media_error"

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class MalformedPacketError(MediaError):
    """A datagram is not what its first byte promised (STUN, RTP, RTCP). Never leaves the packet path."""

    code = "malformed_packet"


class BadDescriptionError(MediaError):
    """The SDP cannot be read, or lacks what WebRTC requires."""

    code = "bad_sdp"


class BadFragmentError(MediaError):
    """The SDP fragment of a PATCH cannot be read (RFC 8840)."""

    code = "bad_sdp_fragment"


class UnsupportedFragmentError(MediaError):
    """The fragment can be read but asks for what this server does not do."""

    code = "unsupported_fragment"


class UnsupportedOfferError(MediaError):
    """The SDP is sound, but nothing in it can be answered (codec, bundle, direction)."""

    code = "unsupported_offer"


class NoCommonCodecError(MediaError):
    """The viewer cannot decode what the publisher sends, or the publisher offers no codec of ours."""

    code = "no_common_codec"


class TokenMissingError(MediaError):
    """No bearer token was sent."""

    code = "token_missing"


class TokenInvalidError(MediaError):
    """The token's signature, audience or shape is wrong."""

    code = "token_invalid"


class TokenExpiredError(MediaError):
    """The token was good once."""

    code = "token_expired"


class WrongShowError(MediaError):
    """The token is for another show."""

    code = "token_wrong_show"


class WrongRoleError(MediaError):
    """The token is for another role."""

    code = "token_wrong_role"


class ShowCutError(MediaError):
    """An operator has cut this show; nobody may publish or watch it."""

    code = "show_cut"


class SubjectBannedError(MediaError):
    """This person has been put out of this show."""

    code = "subject_banned"


class NotPublishingError(MediaError):
    """Nobody publishes this show; try again later."""

    code = "not_publishing"


class UnknownShowError(MediaError):
    """This node does not carry the show."""

    code = "unknown_show"


class UnknownSessionError(MediaError):
    """No such WHIP or WHEP session, or it has ended."""

    code = "unknown_session"


class NoKeyFrameError(MediaError):
    """The show has no complete key frame yet."""

    code = "no_key_frame"


class WrongContentTypeError(MediaError):
    """The body is not of the type that this resource takes."""

    code = "wrong_content_type"


class PreconditionRequiredError(MediaError):
    """If-Match is missing."""

    code = "precondition_required"


class PreconditionFailedError(MediaError):
    """If-Match names an ICE session that is no longer current."""

    code = "precondition_failed"


class AnswerAwaitedError(MediaError):
    """The viewer has our offer and has not answered it yet: nothing else can be done with the session."""

    code = "answer_awaited"


class UnknownLayerError(MediaError):
    """The show has no such m-line or layer."""

    code = "unknown_layer"


class UnknownEventError(MediaError):
    """There are no events of this name."""

    code = "unknown_event"


class UnknownStreamError(MediaError):
    """No such stream of events, or it has ended."""

    code = "unknown_stream"


class BadBodyError(MediaError):
    """The JSON of a request cannot be read, or is not what the resource takes."""

    code = "invalid_body"


class RateLimitedError(MediaError):
    """Too many requests; `retry_after` in seconds, `headers` say what the limit is."""

    code = "rate_limited"

    def __init__(self, detail: str, retry_after: int, headers: Mapping[str, str]) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.headers = headers


class TooManySessionsError(MediaError):
    """This person has as many sessions or streams as one may have."""

    code = "too_many_sessions"


class NodeFullError(MediaError):
    """The node has as many sessions as it may."""

    code = "node_full"


class NodeDrainingError(MediaError):
    """The node is about to end and takes no new sessions; another one does."""

    code = "node_draining"


class BadCaptureError(MediaError):
    """What is to be captured cannot be read, or is more than a capture may be."""

    code = "bad_capture"


class CaptureRunningError(MediaError):
    """The show's capture has not ended yet."""

    code = "capture_running"


class UnknownCaptureError(MediaError):
    """The show has no capture, or its file is gone."""

    code = "unknown_capture"


class TooManyCapturesError(MediaError):
    """The node keeps as many captures as it may."""

    code = "too_many_captures"


class CaptureFailedError(MediaError):
    """The disk would not take the capture."""

    code = "capture_failed"


class NodeAnswerError(MediaError):
    """A media node answered the live server with something unexpected, or not at all."""

    code = "node_answer"


class NodeGoneError(NodeAnswerError):
    """Nobody listens where the media node was: its process has ended."""

    code = "node_gone"
