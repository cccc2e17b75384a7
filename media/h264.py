"""H264 in RTP (RFC 6184): where a key frame is, how large its picture, and a frame's packets back into Annex B."""

from collections.abc import Iterable

_START = b"\0\0\0\1"
_IDR, _SPS, _PPS, _STAP_A, _FU_A = 5, 7, 8, 24, 28
_WITH_CHROMA = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})  # profile_idc, 7.3.2.1.1
_LONGEST_CODE = 32  # leading zeros of an Exp-Golomb code
_CYCLE = 255  # num_ref_frames_in_pic_order_cnt_cycle at most
_LARGEST = 16384  # pixels a side: more than any level allows


def _stap_units(payload: memoryview | bytes) -> list[memoryview | bytes]:
    """The NAL units of a STAP-A, as far as they are whole."""
    units: list[memoryview | bytes] = []
    at = 1
    while at + 2 < len(payload):
        size = payload[at] << 8 | payload[at + 1]
        if size == 0 or at + 2 + size > len(payload):
            break
        units.append(payload[at + 2 : at + 2 + size])
        at += 2 + size
    return units


def carries_key_frame(payload: memoryview | bytes) -> bool:
    """Whether this payload has (a part of) an IDR picture in it."""
    if len(payload) < 2:
        return False
    kind = payload[0] & 31
    if kind == _FU_A:
        return payload[1] & 31 == _IDR
    if kind == _STAP_A:
        return any(unit[0] & 31 == _IDR for unit in _stap_units(payload))
    return kind == _IDR


def annex_b(payloads: Iterable[memoryview | bytes]) -> bytes:
    """One access unit as a decoder takes it; unknown and broken payloads are left out."""
    out = bytearray()
    for payload in payloads:
        if len(payload) < 2:
            continue
        kind = payload[0] & 31
        if kind == _FU_A:
            if payload[1] & 0x80:
                out += _START
                out.append(payload[0] & 0xE0 | payload[1] & 31)
            out += payload[2:]
        elif kind == _STAP_A:
            for unit in _stap_units(payload):
                out += _START
                out += unit
        elif 0 < kind < _STAP_A:
            out += _START
            out += payload
    return bytes(out)


def has_parameter_sets(stream: bytes) -> bool:
    """Whether an Annex B access unit brings its own SPS and PPS, so that it can be decoded alone."""
    kinds = {unit[0] & 31 for unit in stream.split(_START) if unit}
    return _SPS in kinds and _PPS in kinds


def picture_size(payload: memoryview | bytes) -> tuple[int, int] | None:
    """Width and height in pixels, if the payload has a sound and whole SPS in it. Never raises."""
    if len(payload) < 2:
        return None
    kind = payload[0] & 31
    units = _stap_units(payload) if kind == _STAP_A else [payload]
    for unit in units:
        if unit[0] & 31 == _SPS:
            try:
                return _sps_size(_Bits(bytes(unit[1:]).replace(b"\0\0\3", b"\0\0")))
            except ValueError:
                return None
    return None


class _Bits:
    """Reads an RBSP (H.264 7.2, 9.1). Raises ValueError beyond its end, and at what is no code."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """u(count)."""
        if count > self._left:
            raise ValueError
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def code(self) -> int:
        """ue(v)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _LONGEST_CODE:
                raise ValueError
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """se(v)."""
        code = self.code()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def _sps_size(bits: _Bits) -> tuple[int, int] | None:
    """seq_parameter_set_data up to the cropping (H.264 7.3.2.1.1). Raises ValueError."""
    profile = bits.take(8)
    bits.take(16)  # constraint flags and level
    bits.code()  # seq_parameter_set_id
    chroma = _chroma(bits) if profile in _WITH_CHROMA else 1
    bits.code()  # log2_max_frame_num_minus4
    _skip_picture_order(bits)
    bits.code()  # max_num_ref_frames
    bits.take(1)  # gaps_in_frame_num_value_allowed_flag
    width, map_height = 16 * (bits.code() + 1), 16 * (bits.code() + 1)
    fields = 2 - bits.take(1)  # frame_mbs_only_flag
    height = map_height * fields
    if fields == 2:
        bits.take(1)  # mb_adaptive_frame_field_flag
    bits.take(1)  # direct_8x8_inference_flag
    if bits.take(1):  # frame_cropping_flag; units by table 6-1, equations 7-19 to 7-22
        across, down = (2 if chroma in {1, 2} else 1), (2 if chroma == 1 else 1)
        width -= across * (bits.code() + bits.code())
        height -= down * fields * (bits.code() + bits.code())
    return (width, height) if 0 < width <= _LARGEST and 0 < height <= _LARGEST else None


def _chroma(bits: _Bits) -> int:
    """ChromaArrayType; the depths and scaling lists behind it are passed over."""
    chroma = bits.code()
    if chroma > 3:
        raise ValueError
    separate = bits.take(1) if chroma == 3 else 0
    bits.code()  # bit_depth_luma_minus8
    bits.code()  # bit_depth_chroma_minus8
    bits.take(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.take(1):  # seq_scaling_matrix_present_flag
        for index in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return 0 if separate else chroma


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    """H.264 7.3.2.1.1.1: it ends early where the next scale is 0."""
    last = following = 8
    for _ in range(size):
        following = (last + bits.signed()) % 256
        if following == 0:
            return
        last = following


def _skip_picture_order(bits: _Bits) -> None:
    kind = bits.code()  # pic_order_cnt_type
    if kind == 0:
        bits.code()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.take(1)  # delta_pic_order_always_zero_flag
        bits.signed()  # offset_for_non_ref_pic
        bits.signed()  # offset_for_top_to_bottom_field
        cycle = bits.code()
        if cycle > _CYCLE:
            raise ValueError
        for _ in range(cycle):
            bits.signed()  # offset_for_ref_frame
