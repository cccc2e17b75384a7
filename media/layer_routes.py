"""The choice of layers and the pause of a viewer (WHEP Core Extensions, "Video Layer Selection")."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from media import body, cors
from media.answer import Kind
from media.errors import BadBodyError, UnknownLayerError
from media.event_routes import JSON_TYPE, viewer_of
from media.keys import NODE
from media.signalling import NAME
from media.viewer import Viewer

LAYER_PATH = f"/whep/{{show:{NAME}}}/{{session:{NAME}}}/layer"
#: Members that the draft has for codecs with layers inside of one stream, and wishes that name no layer.
_FOREIGN = frozenset(
    {"spatialLayerId", "temporalLayerId", "maxSpatialLayerId", "maxTemporalLayerId", "maxWidth", "maxHeight"}
)


class LayerWish(BaseModel):
    """Body of a POST. `media_id`: index or mid of the m-line; `rid` None: the node chooses; `paused`: our addition."""

    model_config = ConfigDict(strict=True, extra="allow")

    media_id: str | int | None = Field(default=None, alias="mediaId")
    rid: str | None = None
    encoding_id: str | None = Field(default=None, alias="encodingId")  # the name before draft-ietf-wish-whep-02
    paused: bool | None = None

    @property
    def chooses(self) -> bool:
        """Whether it says which layer: by a name for it, or by saying nothing at all."""
        return bool(self.model_fields_set & {"rid", "encoding_id"}) or self.paused is None

    @property
    def layer(self) -> str | None:
        """The rid; None: automatic."""
        return self.rid if self.rid is not None else self.encoding_id


def _line(viewer: Viewer, wanted: str | int | None) -> Kind:
    """What the m-line carries. Raises UnknownLayerError."""
    kinds = [kind for kind, _ in viewer.lines]
    if wanted is None:
        found = "video" if "video" in kinds else kinds[0]
    else:
        by_mid = {mid: kind for kind, mid in viewer.lines if mid}
        by_index = {str(index): kind for index, kind in enumerate(kinds)}
        found = (by_mid | by_index).get(str(wanted), "")
    if found == "audio":
        return "audio"
    if found == "video":
        return "video"
    raise UnknownLayerError("the session has no such m-line", "mediaId")


async def choose(request: web.Request) -> web.Response:
    """POST: this layer, or the node's choice, or no media for a while. 200."""
    viewer = viewer_of(request)
    try:
        wish = LayerWish.model_validate_json(await body.read(request, JSON_TYPE))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadBodyError("the body must be a JSON object that names a layer", place or None) from None
    foreign = sorted(_FOREIGN & (wish.model_extra or {}).keys())
    if foreign:
        raise UnknownLayerError("layers are named by their rid alone", foreign[0])
    kind = _line(viewer, wish.media_id)
    if wish.chooses:
        stream = request.app[NODE].show(viewer.show).streams.get(kind)
        if wish.layer is not None and (stream is None or stream.layer(wish.layer) is None):
            raise UnknownLayerError("the publisher sends no such layer", "rid")
        viewer.choose(kind, wish.layer)
    if wish.paused is not None:
        viewer.pause(kind, wish.paused)
    return web.Response()


async def preflight(_request: web.Request) -> web.Response:
    """OPTIONS."""
    return cors.preflight("OPTIONS, POST", {"Accept-Post": JSON_TYPE})


def routes() -> list[web.RouteDef]:
    """Both of them."""
    return [web.post(LAYER_PATH, choose, expect_handler=body.keep_waiting), web.options(LAYER_PATH, preflight)]
