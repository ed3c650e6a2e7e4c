using Engagement.Members.CarePlans;
using Engagement.Storage;

namespace Engagement.Members.Tills;

/// <summary>A medicine that a member takes, or has at home.</summary>
/// <param name="Name">The medicine.</param>
/// <param name="CoveredUntil">The last day that the supply covers; <c>null</c> when nobody knows.</param>
/// <param name="LastBought">The day on which it was bought last; <c>null</c> when that was elsewhere.</param>
/// <param name="LongTerm">Whether it is taken for long.</param>
public sealed record StripMedicine(string Name, int? CoveredUntil, int? LastBought, bool LongTerm)
{
    /// <summary>Masked: a medicine is health data.</summary>
    public override string ToString() => "medicine of a member";
}

/// <summary>What a pharmacist needs to see before handing over a medicine.</summary>
/// <param name="Allergies">过敏.</param>
/// <param name="Medicines">What is taken for long, and drugs that were bought within a month.</param>
public sealed record Strip(IReadOnlyList<string> Allergies, IReadOnlyList<StripMedicine> Medicines)
{
    /// <summary>Whether there is anything to mind: all that a cashier is told.</summary>
    public bool Caution => Allergies.Count > 0 || Medicines.Count > 0;

    /// <summary>Masked: health data.</summary>
    public override string ToString() => "health strip";
}

/// <summary>The pharmacist's health strip. Whoever reads it has asked for the right and written the audit entry.</summary>
public sealed class HealthStrip(Database database, CarePlanBook plans, Clocks clocks)
{
    private const int RecentDays = 30;

    // Prescription, class-A, class-B, and what nobody has classified: any of them may not go together with another.
    internal const string SelectRecent = """
        SELECT p.name AS Name, m.last_day AS LastDay
        FROM   member_product m
        JOIN   product p ON p.id = m.product_id
        WHERE  m.member_id = @member AND m.last_day >= @since AND m.quantity > 0 AND p.class IN (0, 1, 2, 3)
        ORDER BY m.last_day DESC, p.id
        LIMIT  50
        """;

    /// <summary>The strip; <c>null</c> when the member does not agree to the use of health data.</summary>
    public async Task<Strip?> ReadAsync(MemberId member, CancellationToken ct)
    {
        var plan = await plans.ReadAsync(member, ct).ConfigureAwait(false);
        if (!plan.HealthConsent) return null;
        var recent = await database.ReadAsync(session => session.QueryAsync<Row>(SelectRecent, new { member = member.Value, since = clocks.Business.Today() - RecentDays }), ct).ConfigureAwait(false);
        var lasting = plan.Lines.Where(line => line.State != TherapyState.Stopped).ToList();
        return new Strip(plan.Health.Allergies,
        [
            .. lasting.Select(line => new StripMedicine(line.Title, line.CoveredUntil, (int?)recent.Find(row => row.Name == line.Title)?.LastDay, true)),
            .. recent.Where(row => !lasting.Exists(line => line.Title == row.Name)).Select(row => new StripMedicine(row.Name, null, (int)row.LastDay, false)),
        ]);
    }

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public long LastDay { get; init; }
    }
}
