using System.Buffers.Binary;
using System.Buffers.Text;

namespace Engagement.Tests.Api.BadRequests;

/// <summary>Values that have broken programs before.</summary>
internal static class BadValues
{
    /// <summary>Strings that mean something to SQL, HTML, templates, shells, CSV or terminals, and some that mean nothing at all.</summary>
    public static readonly string[] Texts =
    [
        "", " ", "'", "'; DROP TABLE member; --", "' OR '1'='1", "\" OR \"\"=\"", "1; UPDATE points_account SET active = 1000000", "%' UNION SELECT phone_cipher FROM member --", "`id`", "$(reboot)",
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ member.phone }}", "{{ for i in 1..100000000 }}{{ i }}{{ end }}", "${7*7}", "#{7*7}", "=cmd|'/c calc'!A1", "../../../../etc/passwd",
        "\0", "a\0b", "\u202Eabc", "\uFEFF", "\uFFFF", "\u001b[2J", "e\u0301\u0301\u0301\u0301", "💊💊💊", "张\u3000三", "null", "undefined", "NaN", "true", "-1", "0x10", "1e309", "99999999999999999999",
        "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "1970-01-01T00:00:00Z", "2026-01-01T00:00:00+99:00", new('字', 300), new('a', 5000), new('9', 400), "prescription", "it_admin",
    ];

    /// <summary>JSON that is no value of the field, as raw text.</summary>
    public static readonly string[] Json =
    [
        "null", "true", "0", "-1", "-0", "1.5", "1e2", "1e400", "-1e400", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "99999999999999999999999999", "[]", "[null]", "{}", "{\"a\":{}}", "[[[[[[[[[[]]]]]]]]]]", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "'x'", "nil", "01", "+1", ".5", "1.", "NaN", "Infinity", "\"\\x41\"", "\"\t\"",
    ];

    /// <summary>What stands where an id or a word of the path belongs; already escaped.</summary>
    public static readonly string[] Steps =
    [
        "0", "-1", "1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "99999999999999999999999", "1.5", "1e3", "abc", "null", "%20", "%00", "%27%20OR%201%3D1--", "..%2f..%2fetc%2fpasswd", "%2e%2e",
        "%ff", "%c3%28", "%ed%a0%80", "%F0%9F%92%8A", "%7B%7B7*7%7D%7D", "%3Cscript%3E", "+1", "0x10", "%EF%BC%91", new('7', 500), "a%0d%0aX-Injected:1",
    ];

    /// <summary>What stands in a query; already escaped.</summary>
    public static readonly string[] Queries =
    [
        "", "%00", "%ff%fe", "%c3%28", "%27%20OR%201%3D1--", "%3Cscript%3E", "-1", "0", "99999999999", "9223372036854775807", "9223372036854775808", "1e9", "abc", "true", "%F0%9F%92%8A", "2026-13-45", "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00%2B14:00", new('x', 3000), "a.b", "9223372036854775807.9223372036854775807", "%25", "%", "%u0041", Cursor(long.MinValue), Cursor(long.MaxValue), Cursor(-1), "AAAAAAAAAAAA", "=====", "AAAAAAAAAA=",
    ];

    /// <summary>Headers that are no good, or good for nothing.</summary>
    public static readonly (string Name, string Value)[] Headers =
    [
        ("Idempotency-Key", ""), ("Idempotency-Key", new('k', 81)), ("Idempotency-Key", "a b"), ("Idempotency-Key", "'; DROP TABLE idempotency; --"), ("If-Match", ""), ("If-Match", "*"), ("If-Match", "\"v"), ("If-Match", "W/\"v1\""),
        ("If-Match", "\"v99999999999999999999\""), ("If-Match", "\"v-1\""), ("If-Match", "\"v1\", \"v2\""), ("If-Match", "v1"), ("If-None-Match", "\"v1\""), ("Accept", "text/html"), ("Accept-Language", "'; --"),
        ("Accept-Language", "en;q=nan"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "nonsense"), ("Origin", "https://example.invalid"), ("X-Forwarded-For", "'; DROP TABLE staff; --"), ("X-Forwarded-For", "::ffff:999.1.1.1"),
        ("X-Forwarded-Proto", "gopher"), ("X-HTTP-Method-Override", "DELETE"), ("Content-Encoding", "gzip"), ("Range", "bytes=0-1"), ("Expect", "nothing"), ("Prefer", "respond-async"),
    ];

    /// <summary>Sign-ins that nobody gave out.</summary>
    public static readonly string[] Tokens =
    [
        "", "x", "null", "Bearer", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwicm9sZSI6Iml0X2FkbWluIn0.", new('A', 4000), "CfDJ8" + new string('A', 200), "' OR '1'='1", "%00%00", "../../keys",
    ];

    private static string Cursor(long key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, key);
        return Base64Url.EncodeToString(bytes);
    }
}
