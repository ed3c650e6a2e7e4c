using System.Text.Json;
using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>Conditions and allergies of a member.</summary>
/// <param name="Conditions">慢性病与病史.</param>
/// <param name="Allergies">过敏.</param>
public sealed record HealthProfile(IReadOnlyList<string> Conditions, IReadOnlyList<string> Allergies)
{
    /// <summary>Nothing known.</summary>
    public static readonly HealthProfile Nothing = new([], []);

    /// <summary>Masked: health data.</summary>
    public override string ToString() => "health profile";
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

    private const string InsertMeasurement = "INSERT INTO measurement (id, member_id, kind, taken_at, value_cipher, source, created_at)";
    private const string CountSince = "SELECT COUNT(*) FROM measurement WHERE member_id = @member AND created_at > @since";
    private const string SelectMeasurements = "SELECT id, kind, taken_at AS TakenAt, value_cipher AS Cipher FROM measurement WHERE member_id = @member ORDER BY taken_at DESC, id DESC LIMIT @limit";
    private const string SelectProfile = "SELECT cipher FROM member_health WHERE member_id = @member";

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
            var sealedProfile = cipher.Encrypt(s_profile, member.Value, JsonSerializer.Serialize(clean, CareJson.Default.HealthProfile));
            await tx.InsertManyAsync("INSERT INTO member_health (member_id, cipher, changed_at)", [member.Value], (one, v) => (v[0], v[1], v[2]) = (one, sealedProfile, clocks.Business.NowMs()),
                $"{tx.Dialect.OnConflictUpdate("member_id")} cipher = {tx.Dialect.New("cipher")}, changed_at = {tx.Dialect.New("changed_at")}").ConfigureAwait(false);
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
        var kept = await session.ScalarAsync<byte[]?>(SelectProfile, new { member = member.Value }).ConfigureAwait(false);
        return kept is null ? HealthProfile.Nothing : JsonSerializer.Deserialize(cipher.Decrypt(s_profile, member.Value, kept), CareJson.Default.HealthProfile)!;
    }

    /// <summary>Deletes what rests on the consent alone, in the write that takes it back.</summary>
    internal static async Task ForgetAsync(Tx tx, IReadOnlyList<long> members)
    {
        await tx.ExecuteManyAsync("DELETE FROM member_health WHERE member_id = @p0", 1, members, static (member, v) => v[0] = member).ConfigureAwait(false);
        await tx.ExecuteManyAsync("DELETE FROM measurement WHERE member_id = @p0", 1, members, static (member, v) => v[0] = member).ConfigureAwait(false);
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
