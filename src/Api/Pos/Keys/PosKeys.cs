using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Pos.Keys;

/// <summary>What a key is to be. <see cref="Stores"/> <c>null</c> is all stores.</summary>
internal sealed record PosKeyFile(string Name, string Source, IReadOnlyList<PosRight> Rights, IReadOnlyList<string>? Stores, long? ExpiresAt = null);

/// <summary>A key that was made, with the text that is shown this once; or why not.</summary>
internal sealed record PosKeyResult(PosKey? Key, string? Text, Problem? Refused);

/// <summary>Makes, finds and revokes the API keys of till systems.</summary>
/// <remarks>A key is <c>pk_</c>, eight characters that find its row, and thirty-two random ones: too many to guess, so a plain SHA-256 of it is kept.</remarks>
internal sealed partial class PosKeys(Database database, IdGenerator ids, Clocks clocks, AuditLog audit)
{
    /// <summary>The key of the demo. It is made when it is first used, in a demo only.</summary>
    public const string DemoKey = "pk_demodemo_onlyforthedemoonthismachine00000";

    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int PrefixLength = 8;
    private const int SecretLength = 32;

    private static readonly TimeSpan s_usedStep = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, long> _noted = [];

    /// <summary>Whether <see cref="DemoKey"/> works here.</summary>
    public bool Demo { get; init; }

    /// <summary>Makes a key.</summary>
    public async Task<PosKeyResult> AddAsync(AuditActor actor, PosKeyFile file, CancellationToken ct)
    {
        var prefix = RandomNumberGenerator.GetString(Alphabet, PrefixLength);
        return await AddAsync(actor, file, prefix, $"pk_{prefix}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}", ct);
    }

    /// <summary>Ends a key at once.</summary>
    public Task<Problem?> RevokeAsync(AuditActor actor, string name, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await tx.KeyAsync(name) is not { } key) return Problems.NotFound;
        if (!await PosKeyStore.RevokeAsync(tx, key.Id, clocks.System.NowMs())) return PosProblems.KeyRevoked;
        await audit.AppendAsync(tx, new AuditEntry(actor, "pos_key.revoked") { Subject = $"pos_key:{key.Id}" });
        return (Problem?)null;
    }, ct);

    /// <summary>All keys, revoked ones too.</summary>
    public Task<IReadOnlyList<PosKey>> ListAsync(CancellationToken ct) => database.ReadAsync(session => session.KeysAsync(), ct);

    /// <summary>The live key that this text is; <c>null</c> for any other.</summary>
    public async Task<PosKey?> FindAsync(string text, CancellationToken ct)
    {
        if (!Form().IsMatch(text)) return null;
        var found = await database.ReadAsync(session => session.KeyByPrefixAsync(text.Substring(3, PrefixLength)), ct);
        if (found is null && Demo && text == DemoKey) return await DemoAsync(ct);
        var now = clocks.System.NowMs();
        if (found is not { } row || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(row.Hash), Encoding.ASCII.GetBytes(HashOf(text))) || !row.Key.IsLive(now)) return null;
        await NoteUseAsync(row.Key, now, ct);
        return row.Key;
    }

    // Once a minute a key: who asks when a key was last used asks in days.
    private async Task NoteUseAsync(PosKey key, long now, CancellationToken ct)
    {
        var last = _noted.GetValueOrDefault(key.Id, key.LastUsedAt ?? 0);
        if (now - last < s_usedStep.TotalMilliseconds) return;
        _noted[key.Id] = now;
        await database.WriteAsync(tx => PosKeyStore.UsedAsync(tx, key.Id, now), ct);
    }

    private async Task<PosKey?> DemoAsync(CancellationToken ct)
    {
        var made = await AddAsync(AuditActor.System, new PosKeyFile("demo", "till", Enum.GetValues<PosRight>(), null), DemoKey.Substring(3, PrefixLength), DemoKey, ct);
        return made.Key;
    }

    private Task<PosKeyResult> AddAsync(AuditActor actor, PosKeyFile file, string prefix, string text, CancellationToken ct)
    {
        if (Fault(file) is { } fault) return Task.FromResult(new PosKeyResult(null, null, fault));
        var (id, now) = (ids.Next(), clocks.System.NowMs());
        return database.WriteAsync(async tx =>
        {
            if (await tx.KeyAsync(file.Name) is not null) return new PosKeyResult(null, null, PosProblems.KeyNameTaken);
            var known = file.Stores is null ? null : await tx.StoreIdsAsync(file.Stores);
            if (file.Stores?.Any(code => !known!.ContainsKey(code)) == true) return new PosKeyResult(null, null, PosProblems.KeyStoreUnknown);
            var key = new PosKey(id, file.Name, prefix, file.Source, [.. file.Rights.Distinct().Order()], known is null ? null : [.. known.Values.Order()]) { MadeAt = now, ExpiresAt = file.ExpiresAt };
            await PosKeyStore.InsertAsync(tx, key, HashOf(text));
            await audit.AppendAsync(tx, new AuditEntry(actor, "pos_key.added")
            {
                Subject = $"pos_key:{id}", Detail = JsonSerializer.Serialize(new { rights = key.Rights.Select(PosKey.Code), stores = key.Stores?.Select(store => store.ToString()) }),
            });
            return new PosKeyResult(key, text, null);
        }, ct);
    }

    private Problem? Fault(PosKeyFile file) =>
        !NameForm().IsMatch(file.Name) ? Problems.Fields(("name", new("2 到 40 个小写字母、数字、点、横线，字母开头", "2 to 40 small letters, digits, dots and dashes, a letter first")))
        : !SourceForm().IsMatch(file.Source) ? Problems.Fields(("source", new("1 到 32 个字母、数字、横线", "1 to 32 letters, digits and dashes")))
        : file.Rights.Count == 0 ? Problems.Fields(("rights", new("至少一项权限", "at least one right")))
        : file.Stores is { Count: 0 } ? Problems.Fields(("stores", new("至少一个门店，或写明全部门店", "at least one store, or all of them in so many words")))
        : file.ExpiresAt <= clocks.System.NowMs() ? Problems.Fields(("until", new("须在今天之后", "a day that is yet to come")))
        : null;

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    [GeneratedRegex("^pk_[a-z0-9]{8}_[a-z0-9]{32}$")]
    private static partial Regex Form();

    [GeneratedRegex("^[a-z][a-z0-9.-]{1,39}$")]
    private static partial Regex NameForm();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,32}$")]
    private static partial Regex SourceForm();
}
