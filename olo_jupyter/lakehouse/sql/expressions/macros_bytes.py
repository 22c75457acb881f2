"""DuckDB macros of functions over bytes: bases, numbers as bytes, checksums, keyed hashes."""

from __future__ import annotations

from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail_text

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def _crc_table() -> str:
    """The table of CRC-32 (polynomial 0xEDB88320, reflected), as a DuckDB list."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
        table.append(str(value))
    return f"[{', '.join(table)}]"


def _size(bits: int) -> str:
    message = f"'expected {bits // 8}-byte input, but got instead: ' || octet_length(b)"
    return f"CASE WHEN octet_length(b) <> {bits // 8} THEN {fail_text(ARGUMENT, message)} ELSE hex(b) END"


_BASES = (
    "olo_bytes(b) AS list_transform(regexp_extract_all(hex(b), '..'), lambda h: CAST('0x' || h AS INTEGER))",
    "olo_bits(b) AS array_to_string(list_transform(olo_bytes(b), lambda x: lpad(bin(x), 8, '0')), '')",
    "olo_to_base32_bits(t) AS rpad(t, CAST((length(t) + 4) // 5 * 5 AS INTEGER), '0')",
    f"""olo_to_base32_text(t) AS array_to_string(list_transform(regexp_extract_all(olo_to_base32_bits(t), '.....'),
    lambda d: substr('{_BASE32}', 1 + list_reduce(list_transform(string_split(d, ''), lambda c: CAST(c AS INTEGER)),
    lambda s, e: s * 2 + e), 1)), '')""",
    """olo_to_base32(b) AS CASE WHEN octet_length(b) = 0 THEN '' ELSE list_transform([olo_to_base32_text(olo_bits(b))],
    lambda t: rpad(t, CAST((length(t) + 7) // 8 * 8 AS INTEGER), '='))[1] END""",
    # Only what an encoder writes: what else Trino's decoder takes isn't known here.
    f"""olo_from_base32_or_refuse(t) AS CASE WHEN t = '' THEN ''::BLOB WHEN t IS NULL THEN NULL
    WHEN length(t) % 8 <> 0 OR NOT regexp_full_match(t, '[A-Z2-7]+={{0,6}}') THEN CAST({
        fail_text("unsupported", "'from_base32 of text that no encoder writes'")
    } AS BLOB) ELSE list_transform([array_to_string(list_transform(string_split(rtrim(t, '='), ''),
    lambda c: lpad(bin(strpos('{_BASE32}', c) - 1), 5, '0')), '')], lambda bits: from_hex(array_to_string(
    list_transform(regexp_extract_all(bits, '........'), lambda d: lpad(to_hex(list_reduce(list_transform(
    string_split(d, ''), lambda c: CAST(c AS INTEGER)), lambda s, e: s * 2 + e)), 2, '0')), '')))[1] END""",
    "olo_to_base64url(b) AS translate(to_base64(b), '+/', '-_')",
    f"""olo_from_base64url_or_refuse(t) AS CASE WHEN length(t) % 4 <> 0
    OR NOT regexp_full_match(t, '[A-Za-z0-9_-]*={{0,2}}') THEN CAST({
        fail_text("unsupported", "'from_base64url of text that no encoder writes'")
    } AS BLOB) ELSE from_base64(translate(t, '-_', '+/')) END""",
)

_NUMBERS = (
    "olo_signed(u, half) AS CASE WHEN u >= half THEN u - 2 * half ELSE u END",
    "olo_hex_number(h) AS CAST(CAST('0x' || h AS UBIGINT) AS HUGEINT)",
    f"olo_from_big_endian_64(b) AS CAST(olo_signed(olo_hex_number({_size(64)}), "
    "CAST('9223372036854775808' AS HUGEINT)) AS BIGINT)",
    f"olo_from_big_endian_32(b) AS CAST(olo_signed(olo_hex_number({_size(32)}), "
    "CAST('2147483648' AS HUGEINT)) AS INTEGER)",
    "olo_to_big_endian_64(x) AS from_hex(lpad(to_hex(x), 16, '0'))",
    "olo_to_big_endian_32(x) AS from_hex(right(lpad(to_hex(CAST(x AS BIGINT)), 16, '0'), 8))",
    # The key by which DuckDB sorts a number is its IEEE form behind a byte, turned so that it grows with the number.
    """olo_ieee_turned(h) AS CASE WHEN h[1] >= '8' THEN translate(h[1], '89ABCDEF', '01234567') || h[2:]
    ELSE translate(h, '0123456789ABCDEF', 'FEDCBA9876543210') END""",
    *(
        f"""olo_to_ieee_{bits}(x) AS from_hex(CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN '{nan}'
        WHEN isinf(x) THEN CASE WHEN x > 0 THEN '7{infinite}' ELSE 'F{infinite}' END
        WHEN x = 0 THEN CASE WHEN signbit(x) THEN '8' ELSE '0' END || '{"0" * (bits // 4 - 1)}'
        ELSE olo_ieee_turned({key}) END)"""
        for bits, nan, infinite, key in (
            (64, "7FF8000000000000", "FF0000000000000", "hex(create_sort_key(x, 'ASC NULLS LAST'))[3:]"),
            (32, "7FC00000", "F800000", "lpad(hex(create_sort_key(x, 'ASC NULLS LAST')), 16, '0')[3:10]"),
        )
    ),
    """olo_ieee(n, fraction, top, bias) AS CASE WHEN n // fraction % (2 * top) = 2 * top - 1
    THEN CASE WHEN n % fraction <> 0 THEN CAST('NaN' AS DOUBLE) ELSE CAST('Infinity' AS DOUBLE) END
    WHEN n // fraction % (2 * top) = 0 THEN CAST(n % fraction AS DOUBLE) * pow(CAST(2 AS DOUBLE), 1 - bias)
    ELSE CAST(fraction + n % fraction AS DOUBLE) * pow(CAST(2 AS DOUBLE),
    CAST(n // fraction % (2 * top) AS DOUBLE) - bias)
    END""",
    """olo_ieee_signed(n, half, fraction, top, bias) AS CASE WHEN n >= half
    THEN -olo_ieee(n - half, fraction, top, bias) ELSE olo_ieee(n, fraction, top, bias) END""",
    f"olo_from_ieee_64(b) AS list_transform([olo_hex_number({_size(64)})], lambda n: olo_ieee_signed(n, "
    "CAST('9223372036854775808' AS HUGEINT), CAST('4503599627370496' AS HUGEINT), 1024, 1075))[1]",
    f"olo_from_ieee_32(b) AS list_transform([olo_hex_number({_size(32)})], lambda n: CAST(olo_ieee_signed(n, "
    "CAST('2147483648' AS HUGEINT), CAST('8388608' AS HUGEINT), 128, 150) AS FLOAT))[1]",
)

_SUMS = (
    f"""olo_crc32(b) AS CASE WHEN b IS NOT NULL THEN xor(4294967295, list_reduce(
    list_transform(olo_bytes(b), lambda x: CAST(x AS BIGINT)),
    lambda s, e: xor(s // 256, CAST(array_extract({_crc_table()}, 1 + xor(s, e) % 256) AS BIGINT)),
    CAST(4294967295 AS BIGINT))) END""",
    # A key is filled up to 64 bytes, xored with one byte and put before the text.
    """olo_pad(k, byte) AS from_hex(array_to_string(list_transform(
    olo_bytes(from_hex(rpad(hex(k), 128, '0'))), lambda x: lpad(to_hex(xor(x, byte)), 2, '0')), ''))""",
    *(
        f"""olo_hmac_{name}_or_refuse(b, k) AS CASE WHEN b IS NOT NULL AND k IS NOT NULL THEN list_transform([
        CASE WHEN octet_length(k) = 0 THEN CAST({fail_text("generic-internal-error", "'Empty key'")} AS BLOB)
        WHEN octet_length(k) > 64 THEN from_hex({name}(k)) ELSE k END],
        lambda key: from_hex({name}(olo_pad(key, 92) || from_hex({name}(olo_pad(key, 54) || b)))))[1] END"""
        for name in ("md5", "sha1", "sha256")
    ),
)

MACROS = (*_BASES, *_NUMBERS, *_SUMS)
