using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.Control;

/// <summary>One page of <c>/_sandbox/messages</c>.</summary>
internal sealed class MessagePage(MessageLedger ledger, Channel? channel, string to, long limit)
{
    private readonly byte[] _to = Encoding.UTF8.GetBytes(to);

    /// <summary>
    /// Writes what came after <paramref name="since"/>. <c>next</c> is where the following page starts; <c>first</c> is the
    /// oldest number still held, so that a reader notices a reset, and <c>last</c> the newest.
    /// </summary>
    public void Write(IBufferWriter<byte> target, long since)
    {
        using var json = new Utf8JsonWriter(target, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var newest = ledger.Last;
        var next = Math.Max(since, newest);
        json.WriteStartObject();
        json.WriteStartArray("messages");
        var seq = since;
        for (var left = limit; ledger.NextAfter(seq, channel, _to) is { } found && found.Seq <= newest; left--)
        {
            if (left == 0)
            {
                next = seq;
                break;
            }
            seq = found.Seq;
            Write(json, seq, found.Entry);
        }
        json.WriteEndArray();
        json.WriteNumber("next", next);
        json.WriteNumber("first", ledger.First);
        json.WriteNumber("last", newest);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, long seq, in LedgerEntry entry)
    {
        json.WriteStartObject();
        json.WriteNumber("seq", seq);
        json.WriteString("at", DateTimeOffset.FromUnixTimeMilliseconds(entry.AtMs).ToOffset(SandboxClock.China));
        json.WriteString("channel", entry.Channel.WireName());
        json.WriteString("to", entry.To);
        json.WriteString("templateId", entry.TemplateId);
        json.WriteString("text", entry.Text);
        json.WriteString("page", entry.Page);
        json.WritePropertyName("data");
        json.WriteRawValue(entry.DataJson.Length == 0 ? "{}" : entry.DataJson);
        json.WriteString("signName", entry.SignName);
        json.WriteString("reference", entry.Reference);
        json.WriteString("providerRef", entry.ProviderRef);
        json.WriteNumber("parts", entry.Parts);
        json.WriteString("status", entry.Status.WireName());
        json.WriteBoolean("accepted", true);
        json.WriteEndObject();
    }
}
