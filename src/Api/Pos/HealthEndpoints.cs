using Engagement.Api.Hosting;
using Engagement.Api.Pos.Keys;
using Engagement.Members.Tills;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Pos;

/// <summary>The pharmacist's health strip.</summary>
internal static class HealthEndpoints
{
    public static RouteGroupBuilder MapHealthStrip(this RouteGroupBuilder pos)
    {
        pos.MapPost("/members/health", ReadAsync).RequireKey(PosRight.Health).WithTags("Tills: members")
            .WithSummary("Allergies and current medicines for the pharmacist who is named; for a cashier only whether there is something to mind. Each reading is in the audit log")
            .WithExample("""{"store":"S001","member":"AAAAAAAAAAAAAAAAAAAAAA","staff":"zhao.lei","purpose":"核对用药"}""").Refuses([Problems.NotFound, PosProblems.MemberUnknown, .. HealthDesk.Refusals]);
        return pos;
    }

    private static async Task<Results<Ok<HealthView>, ProblemAnswer>> ReadAsync(HealthBody body, PosCaller caller, HealthDesk desk, CounterRef refs, Database database, CancellationToken ct)
    {
        if (await database.ReadAsync(session => caller.StoreAsync(session, body.Store), ct) is not { } store) return Problems.NotFound.Answer();
        if (refs.Read(body.Member) is not { } shopper) return PosProblems.MemberUnknown.Answer();
        var (shown, refused) = await desk.ReadAsync(caller, store, shopper, body.Staff, body.Purpose, ct);
        return refused is not null ? refused.Answer() : TypedResults.Ok(HealthView.Of(shown!));
    }
}

/// <summary>Who looks at whose health data, and what for.</summary>
internal sealed record HealthBody(string Store, string Member, string Staff, string Purpose);

internal sealed record HealthView(bool Caution, IReadOnlyList<string>? Allergies, IReadOnlyList<MedicineView>? Medicines)
{
    public static HealthView Of(ShownStrip shown) => shown.Whole
        ? new(shown.Strip.Caution, shown.Strip.Allergies, [.. shown.Strip.Medicines.Select(MedicineView.Of)])
        : new(shown.Strip.Caution, null, null);
}

internal sealed record MedicineView(string Name, DateOnly? CoveredUntil, DateOnly? LastBought, bool LongTerm)
{
    public static MedicineView Of(StripMedicine medicine) => new(
        medicine.Name, medicine.CoveredUntil is { } until ? ChinaTime.Date(until) : null, medicine.LastBought is { } day ? ChinaTime.Date(day) : null, medicine.LongTerm);
}
