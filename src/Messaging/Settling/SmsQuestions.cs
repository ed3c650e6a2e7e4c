using System.Collections.Concurrent;
using System.Security.Cryptography;
using Engagement.Members.Profiles;
using Engagement.Messaging.Channels.Sms;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Storage;
using Microsoft.Extensions.Logging;

namespace Engagement.Messaging.Settling;

/// <summary>Asks the SMS providers about sends whose end is not known: one question a message, a few at a time, and none any more of one that does not answer.</summary>
/// <remarks>One object serves one look of the settler.</remarks>
internal sealed class SmsQuestions(SmsProviders providers, FieldCipher cipher, BlindIndex index, Clocks clocks, int atOnce, ILogger logger)
{
    private const string Phones = "SELECT id, phone_cipher FROM member WHERE id IN";

    private readonly ConcurrentDictionary<string, int> _unanswered = new(StringComparer.Ordinal);

    /// <summary>What the providers know of these messages. One without an answer here cannot be asked about: its provider or the number that it went to is not known any more.</summary>
    public async Task<IReadOnlyDictionary<MessageId, SmsFinding>> AskAsync(Database database, IReadOnlyList<OpenMessage> messages, CancellationToken ct)
    {
        var phones = new Dictionary<long, byte[]?>();
        if (messages.Count > 0)
        {
            await database.ReadAsync(async session =>
            {
                await session.ReadInAsync(Phones, [.. messages.Select(m => m.Member).Distinct()],
                    row => phones[row.GetInt64(0)] = row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)).ConfigureAwait(false);
                return phones.Count;
            }, ct).ConfigureAwait(false);
        }

        var findings = new ConcurrentDictionary<MessageId, SmsFinding>();
        await Parallel.ForEachAsync(messages, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct }, async (message, token) =>
        {
            if (await FindAsync(message, phones.GetValueOrDefault(message.Member), token).ConfigureAwait(false) is { } finding) findings[message.Id] = finding;
        }).ConfigureAwait(false);
        return findings;
    }

    private async ValueTask<SmsFinding?> FindAsync(OpenMessage message, byte[]? phone, CancellationToken ct)
    {
        try
        {
            if (cipher.Decrypt(MemberColumns.Phone, message.Member, phone) is not { } digits) return null;
            // The member has another number by now: the provider would be asked about the wrong one.
            if (message.AddressIndex is not { } address || !index.Candidates(MemberColumns.PhoneIndex, digits).Contains(address)) return null;
            return providers.Find(message.Provider) is { } provider ? await AskAsync(provider, message, digits, ct).ConfigureAwait(false) : null;
        }
        catch (Exception failure) when (failure is CryptographicException or StorageException)
        {
            Log.PhoneUnreadable(logger, message.Id.Value, failure);
            return new SmsFinding(SmsFate.NotAsked, "phone_unreadable");
        }
    }

    private async ValueTask<SmsFinding> AskAsync(ISmsProvider provider, OpenMessage message, string digits, CancellationToken ct)
    {
        if (_unanswered.GetValueOrDefault(provider.Name) >= atOnce) return new SmsFinding(SmsFate.NotAsked, "not_asked");
        // The provider lives in real time, whatever the demo's clock says or has said; nothing is sent before it is made.
        var made = DateTimeOffset.FromUnixTimeMilliseconds(IdGenerator.TimeOf(message.Id.Value));
        var sentAt = DateTimeOffset.FromUnixTimeMilliseconds(message.IntentAt) - clocks.BusinessOffset();
        if (sentAt < made) sentAt = made;
        var finding = await provider.AskAsync(new SmsSend(digits, sentAt, message.Reference, message.ProviderRef), ct).ConfigureAwait(false);
        if (finding.Fate != SmsFate.NotAsked) return finding;
        _unanswered.AddOrUpdate(provider.Name, 1, (_, count) => count + 1);
        Log.ProviderNotAsked(logger, message.Id.Value, finding.Code);
        return finding;
    }
}
