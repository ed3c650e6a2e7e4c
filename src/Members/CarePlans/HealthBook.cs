using System.Text.Json;
using Engagement.Members.Merges;
using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>Conditions and allergies of a member.</summary>
/// <param name="Conditions">慢性病与病史.</param>
/// <param name="Allergies">过敏.</param>
public sealed record HealthProfile(IReadOnlyList<string> Conditions, IReadOnlyList<string> Allergies)
{
    /// <summary>Nothing known.</summary>
    public static readonly HealthProfile Nothing = new([], []);

    /// <summary>Whether nothing is known.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsEmpty => Conditions.Count + Allergies.Count == 0;

    /// <summary>What this one knows and the other does not.</summary>
    public HealthProfile Without(HealthProfile other) => new([.. Conditions.Except(other.Conditions)], [.. Allergies.Except(other.Allergies)]);

    /// <summary>Masked: health data.</summary>
    public override string ToString() => "health profile";
}

/// <summary>What a merge did to conditions and allergies.</summary>
/// <param name="Gone">What the record that went knew.</param>
/// <param name="Added">What of it the record that stayed did not.</param>
internal sealed record MergedHealth(HealthProfile Gone, HealthProfile Added)
{
    /// <summary>Masked: health data.</summary>
    public override string ToString() => "merged health";
}

/// <summary>Measurements, conditions and allergies: written and read only under the health consent, and encrypted.</summary>
public sealed class HealthBook(Database database, IdGenerator ids, Clocks clocks, FieldCipher cipher)
{
    private const int MostEntries = 30;
    private const int LongestEntry = 60;
    private const int MostMeasurementsPerDay = 100;
    private const int OldestDays = 366;

    private static readonly CipherColumn s_value = new("measurement", "value");
    private static readonly CipherColumn s_profile = new("member_health", "profile");
    private static readonly CipherColumn s_merged = new("member_merge_health", "merged");

    private const string InsertMeasurement = "INSERT INTO measurement (id, member_id, kind, taken_at, value_cipher, source, created_at)";
    private const string CountSince = "SELECT COUNT(*) FROM measurement WHERE member_id = @member AND created_at > @since";
    private const string SelectMeasurements = "SELECT id, kind, taken_at AS TakenAt, value_cipher AS Cipher FROM measurement WHERE member_id = @member ORDER BY taken_at DESC, id DESC LIMIT @limit";
    private const string SelectProfile = "SELECT cipher FROM member_health WHERE member_id = @member";
    private const string SelectMerged = "SELECT cipher FROM member_merge_health WHERE merge_id = @merge";
    private const string DeleteMerged = "DELETE FROM member_merge_health WHERE merge_id = @merge";

    /// <summary>Keeps a measurement; its flag is that of the table as it is today.</summary>
    public async Task<(CareOutcome Outcome, Measurement? Kept)> MeasureAsync(
        MemberId member, MeasurementKind kind, IReadOnlyDictionary<string, decimal> values, DateTimeOffset at, Teller by, CancellationToken ct)
    {
        var rule = MeasurementTable.Shipped[kind];
        if (!rule.Takes(values)) return (CareOutcome.ValueInvalid, null);
        var now = clocks.Business.GetUtcNow();
        if (at > now.AddMinutes(5) || at < now.AddDays(-OldestDays)) return (CareOutcome.TimeInvalid, null);
        var kept = new KeptMeasurement(new(values), rule.FlagOf(values), MeasurementTable.Shipped.Version);
        return await database.WriteAsync<(CareOutcome, Measurement?)>(async tx =>
        {
            if (await HealthDoor.EnterAsync(tx, member).ConfigureAwait(false) is var entered and not CareOutcome.Done) return (entered, null);
            var today = now.AddDays(-1).ToUnixTimeMilliseconds();
            if (await tx.ScalarAsync<long>(CountSince, new { member = member.Value, since = today }).ConfigureAwait(false) >= MostMeasurementsPerDay) return (CareOutcome.TooMany, null);
            var id = ids.Next();
            var sealedValue = cipher.Encrypt(s_value, id, JsonSerializer.Serialize(kept, CareJson.Default.KeptMeasurement));
            await tx.InsertManyAsync(InsertMeasurement, [id], (one, v) => (v[0], v[1], v[2], v[3], v[4], v[5], v[6]) =
                (one, member.Value, (int)kind, at.ToUnixTimeMilliseconds(), sealedValue, by.Source == TherapySource.Member ? 1 : 2, now.ToUnixTimeMilliseconds())).ConfigureAwait(false);
            return (CareOutcome.Done, Show(id, kind, at, kept));
        }, ct).ConfigureAwait(false);
    }

    /// <summary>Replaces conditions and allergies.</summary>
    public Task<CareOutcome> SetAsync(MemberId member, HealthProfile profile, CancellationToken ct)
    {
        if (!IsList(profile.Conditions) || !IsList(profile.Allergies)) return Task.FromResult(CareOutcome.TextInvalid);
        var clean = new HealthProfile([.. profile.Conditions.Select(text => text.Trim()).Distinct()], [.. profile.Allergies.Select(text => text.Trim()).Distinct()]);
        return database.WriteAsync(async tx =>
        {
            if (await HealthDoor.EnterAsync(tx, member).ConfigureAwait(false) is var entered and not CareOutcome.Done) return entered;
            await KeepAsync(tx, member, clean).ConfigureAwait(false);
            return CareOutcome.Done;
        }, ct);
    }

    /// <summary>The latest measurements, the newest first. The caller has asked for the consent.</summary>
    internal async Task<IReadOnlyList<Measurement>> MeasurementsAsync(Session session, MemberId member, int limit) =>
        [.. (await session.QueryAsync<Row>(SelectMeasurements, new { member = member.Value, limit }).ConfigureAwait(false)).Select(row => Show(
            row.Id, (MeasurementKind)row.Kind, ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(row.TakenAt)),
            JsonSerializer.Deserialize(cipher.Decrypt(s_value, row.Id, row.Cipher)!, CareJson.Default.KeptMeasurement)!))];

    /// <summary>Conditions and allergies. Nothing without the consent.</summary>
    public async Task<HealthProfile> ProfileAsync(Session session, MemberId member)
    {
        if (!await HealthDoor.IsOpenAsync(session, member).ConfigureAwait(false)) return HealthProfile.Nothing;
        return await KeptAsync(session, member).ConfigureAwait(false);
    }

    /// <summary>Two records of one name become one: what either knew, an allergy above all, the one that stays knows. Without its health consent nothing crosses.</summary>
    internal async Task MergeAsync(Tx tx, Merge merge)
    {
        if (!await HealthDoor.IsOpenAsync(tx, merge.To).ConfigureAwait(false)) return;
        var (stays, goes) = (await KeptAsync(tx, merge.To).ConfigureAwait(false), await KeptAsync(tx, merge.From).ConfigureAwait(false));
        if (goes.IsEmpty) return;
        var added = goes.Without(stays);
        var merged = cipher.Encrypt(s_merged, merge.Id, JsonSerializer.Serialize(new MergedHealth(goes, added), CareJson.Default.MergedHealth));
        await KeepAsync(tx, merge.To, new HealthProfile([.. stays.Conditions, .. added.Conditions], [.. stays.Allergies, .. added.Allergies])).ConfigureAwait(false);
        await tx.ExecuteAsync("DELETE FROM member_health WHERE member_id = @gone", new { gone = merge.From.Value }).ConfigureAwait(false);
        await tx.ExecuteAsync("INSERT INTO member_merge_health (merge_id, cipher) VALUES (@merge, @merged)", new { merge = merge.Id, merged }).ConfigureAwait(false);
    }

    /// <summary>They are parted: the one knows again what it knew, the other no longer what came from there.</summary>
    internal async Task PartAsync(Tx tx, Merge merge)
    {
        if (await tx.ScalarAsync<byte[]?>(SelectMerged, new { merge = merge.Id }).ConfigureAwait(false) is not { } kept) return;
        var merged = JsonSerializer.Deserialize(cipher.Decrypt(s_merged, merge.Id, kept), CareJson.Default.MergedHealth)!;
        await KeepAsync(tx, merge.To, (await KeptAsync(tx, merge.To).ConfigureAwait(false)).Without(merged.Added)).ConfigureAwait(false);
        await KeepAsync(tx, merge.From, merged.Gone).ConfigureAwait(false);
        await tx.ExecuteAsync(DeleteMerged, new { merge = merge.Id }).ConfigureAwait(false);
    }

    /// <summary>Deletes what rests on the consent alone, in the write that takes it back.</summary>
    internal static async Task ForgetAsync(Tx tx, IReadOnlyList<long> members)
    {
        await tx.ExecuteManyAsync("DELETE FROM member_health WHERE member_id = @p0", 1, members, static (member, v) => v[0] = member).ConfigureAwait(false);
        await tx.ExecuteManyAsync("DELETE FROM member_merge_health WHERE merge_id IN (SELECT id FROM member_merge WHERE survivor_id = @p0)", 1, members, static (member, v) => v[0] = member).ConfigureAwait(false);
        await tx.ExecuteManyAsync("DELETE FROM measurement WHERE member_id = @p0", 1, members, static (member, v) => v[0] = member).ConfigureAwait(false);
    }

    private async Task<HealthProfile> KeptAsync(Session session, MemberId member) =>
        await session.ScalarAsync<byte[]?>(SelectProfile, new { member = member.Value }).ConfigureAwait(false) is { } kept
            ? JsonSerializer.Deserialize(cipher.Decrypt(s_profile, member.Value, kept), CareJson.Default.HealthProfile)! : HealthProfile.Nothing;

    private async Task KeepAsync(Tx tx, MemberId member, HealthProfile profile)
    {
        var sealedProfile = cipher.Encrypt(s_profile, member.Value, JsonSerializer.Serialize(profile, CareJson.Default.HealthProfile));
        await tx.InsertManyAsync("INSERT INTO member_health (member_id, cipher, changed_at)", [member.Value], (one, v) => (v[0], v[1], v[2]) = (one, sealedProfile, clocks.Business.NowMs()),
            $"{tx.Dialect.OnConflictUpdate("member_id")} cipher = {tx.Dialect.New("cipher")}, changed_at = {tx.Dialect.New("changed_at")}").ConfigureAwait(false);
    }

    private static Measurement Show(long id, MeasurementKind kind, DateTimeOffset at, KeptMeasurement kept) =>
        new(id, kind, kept.Values, ChinaTime.In(at), kept.Flag, MeasurementTable.Shipped[kind].Words(kept.Values, kept.Flag));

    private static bool IsList(IReadOnlyList<string> texts) => texts.Count <= MostEntries && texts.All(text => CareText.IsLine(text, LongestEntry));

    private sealed class Row
    {
        public long Id { get; init; }
        public long Kind { get; init; }
        public long TakenAt { get; init; }
        public byte[]? Cipher { get; init; }
    }
}
