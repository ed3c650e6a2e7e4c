using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Engagement.Tests.Api.BadRequests;

/// <summary>Makes a request by the document's example and spoils it, the same way for the same number.</summary>
/// <param name="foreign">Ids of things that the callers of the own store must not reach.</param>
internal sealed class RequestSpoiler(IReadOnlyList<long> foreign)
{
    // Nobody has it: what is asked of it changes nothing, whatever else stands in the request.
    private const string Nobody = "799999999999999999";

    private const int HugeBody = 300 * 1024;

    public BadRequest Make(Operation operation, Caller caller, Random random)
    {
        var request = new BadRequest(operation, caller);
        foreach (var parameter in operation.Parameters)
        {
            if (parameter.In == "path") request.Path = request.Path.Replace($"{{{parameter.Name}}}", Step(caller, random), StringComparison.Ordinal);
            if (parameter is { In: "query", Example: { } value }) request.Query[parameter.Name] = Uri.EscapeDataString(value);
            if (parameter.In == "header") request.Headers[parameter.Name] = parameter.Name == "If-Match" ? "\"v1\"" : $"bad-{random.NextInt64()}";
        }

        if (operation.Example is { } example) request.Body = Encoding.UTF8.GetBytes(example);
        var faults = random.Next(4) == 0 ? 2 : 1;
        for (var i = 0; i < faults; i++) Spoil(request, random);
        return request;
    }

    private string Step(Caller caller, Random random) => caller.SeesForeignStore || random.Next(2) == 0 ? Nobody : foreign[random.Next(foreign.Count)].ToString();

    private static void Spoil(BadRequest request, Random random)
    {
        var (operation, hasBody) = (request.Operation, request.Operation.MediaTypes.Count > 0);
        var isJson = hasBody && operation.MediaTypes[0] == "application/json" && operation.Example is not null;
        var roll = random.Next(100);
        if (isJson && roll < 55) Value(request, random);
        else if (hasBody && roll < 70) Raw(request, random);
        else if (roll < 80) Query(request, random);
        else if (roll < 88 && operation.Parameters.Any(parameter => parameter.In == "path")) Path(request, random);
        else if (roll < 95) Header(request, random);
        else Token(request, random);
    }

    // One node of the body becomes something else.
    private static void Value(BadRequest request, Random random)
    {
        if (TryParse(request.Body) is not { } root) return;
        var nodes = Nodes(root).ToList();
        var (parent, key, index) = nodes[random.Next(nodes.Count)];
        switch (random.Next(12))
        {
            case 0 when parent is JsonObject named:
                named.Remove(key!);
                Done($"{key} missing");
                return;
            case 1:
                (parent as JsonObject ?? root as JsonObject)?.TryAdd("unknownField", 1);
                Done("unknown field");
                return;
            case 2 when parent is JsonObject named:
                Replace(Marker);
                Done($"{key} twice", text => text.Replace($"\"{Marker}\"", $"1,\"{key}\":1", StringComparison.Ordinal));
                return;
            case 3 when parent is JsonObject named && key!.Length > 0:
                var value = named[key]?.DeepClone();
                named.Remove(key);
                named[key.ToUpperInvariant()] = value;
                Done($"{key} in capitals");
                return;
            case 4 when parent is JsonArray list && list.Count < 3000:
                for (var i = 0; i < 3000; i++) list.Add(list[0]?.DeepClone());
                Done("a long list");
                return;
            case < 8:
                var text = BadValues.Texts[random.Next(BadValues.Texts.Length)];
                Replace(text);
                Done($"{key}[{index}] a text");
                return;
            default:
                var json = BadValues.Json[random.Next(BadValues.Json.Length)];
                Replace(Marker);
                Done($"{key}[{index}] = {json}", body => body.Replace($"\"{Marker}\"", json, StringComparison.Ordinal));
                return;
        }

        void Replace(string with)
        {
            if (parent is JsonObject named) named[key!] = with;
            else if (parent is JsonArray list) list[index] = with;
            else root = JsonValue.Create(with);
        }

        void Done(string fault, Func<string, string>? then = null)
        {
            var body = root!.ToJsonString(s_plain);
            request.Body = Encoding.UTF8.GetBytes(then is null ? body : then(body));
            request.Faults.Add(fault);
        }
    }

    // The bytes of the body are no longer what they say they are.
    private static void Raw(BadRequest request, Random random)
    {
        var body = request.Body ?? "{}"u8.ToArray();
        (request.Body, var fault) = random.Next(15) switch
        {
            0 => ([], "empty"),
            1 => (body[..random.Next(body.Length)], "cut short"),
            2 => ([.. body, .. "}"u8], "one bracket more"),
            3 => (Broken(body, random), "broken UTF-8"),
            4 => (Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body)), "UTF-16"),
            5 => ([0xEF, 0xBB, 0xBF, .. body], "byte order mark"),
            6 => ("[]"u8.ToArray(), "a list"),
            7 => ("null"u8.ToArray(), "null"),
            8 => (Encoding.UTF8.GetBytes(new string('[', 5000)), "deep"),
            9 when random.Next(8) == 0 => ([.. body, .. Enumerable.Repeat((byte)' ', HugeBody)], "huge"),
            10 when random.Next(8) == 0 => (Encoding.UTF8.GetBytes($$"""{"x":"{{new string('x', HugeBody)}}"}"""), "a huge text"),
            11 => (body, As("text/plain")),
            12 => (body, As("application/xml")),
            13 => (body, As("multipart/form-data; boundary=x")),
            14 => (body, As("application/json; charset=utf-7")),
            _ => ([.. body, 0], "a zero at the end"),
        };
        request.Faults.Add(fault);

        string As(string type) => request.ContentType = type;
    }

    private static byte[] Broken(byte[] body, Random random)
    {
        if (body.Length == 0) return [0xFF];
        byte[] bad = [.. body];
        bad[random.Next(bad.Length)] = (byte)random.Next(0x80, 0x100);
        return bad;
    }

    private static void Query(BadRequest request, Random random)
    {
        var known = request.Operation.Parameters.Where(parameter => parameter.In == "query").Select(parameter => parameter.Name).Append("unknown").ToList();
        var name = known[random.Next(known.Count)];
        request.Query[name] = BadValues.Queries[random.Next(BadValues.Queries.Length)];
        request.Faults.Add($"query {name}");
    }

    private static void Path(BadRequest request, Random random)
    {
        var steps = request.Operation.Path.Split('/');
        var made = request.Path.Split('/');
        var places = Enumerable.Range(0, steps.Length).Where(i => steps[i].StartsWith('{')).ToList();
        var place = places[random.Next(places.Count)];
        made[place] = BadValues.Steps[random.Next(BadValues.Steps.Length)];
        request.Path = string.Join('/', made);
        request.Faults.Add($"path {steps[place]}");
    }

    private static void Header(BadRequest request, Random random)
    {
        var (name, value) = BadValues.Headers[random.Next(BadValues.Headers.Length)];
        if (value.Length == 0) request.Headers.Remove(name);
        else request.Headers[name] = value;
        request.Faults.Add($"header {name}");
    }

    private static void Token(BadRequest request, Random random)
    {
        if (request.Caller.Header.Length == 0) return;
        var own = request.Caller.Value;
        var token = BadValues.Tokens[random.Next(BadValues.Tokens.Length)];
        request.Headers[request.Caller.Header] = random.Next(3) switch
        {
            // A real one with one character changed, cut, or all invented.
            0 => own[..^9] + (own[^9] == 'A' ? 'B' : 'A') + own[^8..],
            1 => own[..^random.Next(1, own.Length / 2)],
            _ => request.Caller.Header == "Cookie" ? $"engagement-staff={token}" : $"Bearer {token}",
        };
        request.SignedIn = false;
        request.Faults.Add("forged sign-in");
    }

    private static JsonNode? TryParse(byte[]? body)
    {
        try
        {
            var node = body is null ? null : JsonNode.Parse(body, documentOptions: new() { AllowDuplicateProperties = false });
            return node?.ToJsonString() is null ? null : node;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;   // spoilt already
        }
    }

    private static IEnumerable<(JsonNode? Parent, string? Key, int Index)> Nodes(JsonNode root)
    {
        yield return (null, null, 0);
        var open = new Queue<JsonNode>([root]);
        while (open.TryDequeue(out var node))
        {
            var children = node switch
            {
                JsonObject named => named.Select(pair => (named as JsonNode, (string?)pair.Key, 0, pair.Value)).ToList(),
                JsonArray list => [.. list.Select((item, i) => (list as JsonNode, (string?)null, i, item))],
                _ => [],
            };
            foreach (var (parent, key, index, child) in children)
            {
                yield return (parent, key, index);
                if (child is not null) open.Enqueue(child);
            }
        }
    }

    private const string Marker = "@@here@@";

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
