using Engagement.Api.Hosting;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.Loyalty;
using Engagement.Members.Points;
using Engagement.Members.Products;
using Engagement.Members.Tiers;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Staff;

/// <summary>Rules of points and tiers: written by a marketer, approved by an approver, never changed afterwards.</summary>
internal static class RulesEndpoints
{
    private const string PointsExample = """
        {"validFrom":"2099-01-01","note":"会员日改为每月 8、18、28 日","rules":{"fenPerPoint":100,"pendingDays":7,"validDays":365,"rateMilli":{"health_food":1500},"earnOnPrescription":false,
        "earnOnOtcA":false,"earnOnInsurance":false,"burnOnPrescription":false,"burnOnOtcA":false,"burnOnInsurance":false,"excludedProducts":["700000000000000001"],"excludedStores":["700000000000000002"],
        "tierMilli":[1000,1200,1500],"birthdayMilli":2000,"birthdayWindow":"week","memberDays":[8,18,28],"memberDayMilli":2000}}
        """;

    private const string TiersExample = """
        {"validFrom":"2099-01-01","note":"金卡门槛调整","rules":{"levels":[{"zh":"普通会员","en":"Member","thresholdFen":0},{"zh":"银卡","en":"Silver","thresholdFen":100000},{"zh":"金卡","en":"Gold","thresholdFen":300000}],
        "reviewMonths":12,"graceDays":30,"noticeDays":30,"downgrade":"one_down","refundLoss":"at_review"}}
        """;

    public static RouteGroupBuilder MapRules(this RouteGroupBuilder staff)
    {
        var points = Decisions(staff.MapGroup("/points/rules").WithTags("Rules of points"), RulesKind.Points, "points_rules");
        points.MapGet("/", PointsAsync).Require(Right.PointsRead).WithSummary("All versions of the rules of earning, the oldest first; the last one that is valid by a day holds on it");
        points.MapPost("/proposals", ProposePointsAsync).Require(Right.LoyaltyRules).Idempotent().WithSummary("Propose rules of earning that hold from a day on").WithExample(PointsExample).Refuses(LoyaltyProblems.OfProposals);

        var tiers = Decisions(staff.MapGroup("/tiers/rules").WithTags("Rules of tiers"), RulesKind.Tiers, "tier_rules");
        tiers.MapGet("/", TiersAsync).Require(Right.PointsRead).WithSummary("All versions of the rules of tiers, the oldest first");
        tiers.MapPost("/proposals", ProposeTiersAsync).Require(Right.LoyaltyRules).Idempotent().WithSummary("Propose rules of tiers that hold from a day on").WithExample(TiersExample).Refuses(LoyaltyProblems.OfProposals);
        return staff;
    }

    // What does not depend on what the rules say.
    private static RouteGroupBuilder Decisions(RouteGroupBuilder group, RulesKind kind, string noun)
    {
        group.MapGet("/proposals", (string? cursor, int? limit, Database database, CancellationToken ct) => ListAsync(kind, cursor, limit, database, ct))
            .Require(Right.PointsRead).WithSummary("Proposals and what became of them, the newest first").Refuses(Problems.CursorInvalid);
        group.MapGet("/proposals/{proposalId}", (long proposalId, Database database, CancellationToken ct) => GetAsync(kind, proposalId, database, ct))
            .Require(Right.PointsRead).WithSummary("One proposal");
        group.MapPost("/proposals/{proposalId}/approval", (long proposalId, StaffCaller caller, RulesDesk desk, StaffWrite write, CancellationToken ct) =>
                ApproveAsync(kind, noun, proposalId, caller, desk, write, ct))
            .Require(Right.LoyaltyApprove).WithSummary("Approve what somebody else proposed: it becomes a version").Refuses(LoyaltyProblems.OfProposals);
        group.MapPost("/proposals/{proposalId}/refusal", (long proposalId, WhyBody body, StaffCaller caller, RulesDesk desk, StaffWrite write, CancellationToken ct) =>
                DecideAsync(caller, $"{noun}.refused", proposalId, tx => desk.RefuseAsync(tx, kind, proposalId, caller.Id, body.Why), write, ct))
            .Require(Right.LoyaltyApprove).WithSummary("Refuse what somebody else proposed, with a reason of 2 to 200 characters").WithExample("""{"why":"倍率过高，请财务确认"}""").Refuses(LoyaltyProblems.OfProposals);
        group.MapDelete("/proposals/{proposalId}", (long proposalId, StaffCaller caller, RulesDesk desk, StaffWrite write, CancellationToken ct) =>
                DecideAsync(caller, $"{noun}.taken_back", proposalId, tx => desk.TakeBackAsync(tx, kind, proposalId, caller.Id), write, ct))
            .Require(Right.LoyaltyRules).WithSummary("Take back one's own proposal while it waits").Refuses(LoyaltyProblems.OfProposals);
        group.MapDelete("/{version:int}", (int version, StaffCaller caller, EarningRulesStore earning, TierRulesStore tiers, StaffWrite write, CancellationToken ct) =>
                WithdrawAsync(caller, $"{noun}.withdrawn", version, tx => kind == RulesKind.Points ? earning.WithdrawAsync(tx, version) : tiers.WithdrawAsync(tx, version), write, ct))
            .Require(Right.LoyaltyApprove).WithSummary("Withdraw a version before its first day").Refuses(LoyaltyProblems.InUse);
        return group;
    }

    private static async Task<Ok<Page<PointsRulesView>>> PointsAsync(EarningRulesStore store, CancellationToken ct) =>
        TypedResults.Ok(new Page<PointsRulesView>([.. (await store.ListAsync(ct)).Select(version => new PointsRulesView(version.Version, ChinaTime.Date(version.ValidFrom), PointsRules.Of(version.Rules)))], null));

    private static async Task<Ok<Page<TierRulesView>>> TiersAsync(TierRulesStore store, CancellationToken ct) =>
        TypedResults.Ok(new Page<TierRulesView>([.. (await store.ListAsync(ct)).Select(version => new TierRulesView(version.Version, ChinaTime.Date(version.ValidFrom), version.Rules))], null));

    private static Task<Results<Created<ProposalView>, ProblemAnswer>> ProposePointsAsync(PointsProposalBody body, StaffCaller caller, RulesDesk desk, StaffWrite write, IdempotentRequest once, CancellationToken ct) =>
        ProposeAsync(caller, RulesKind.Points, "points_rules", tx => desk.ProposeAsync(tx, body.Rules.ToRules(), ChinaTime.DayOf(body.ValidFrom), body.Note, caller.Id), write, once, ct);

    private static Task<Results<Created<ProposalView>, ProblemAnswer>> ProposeTiersAsync(TiersProposalBody body, StaffCaller caller, RulesDesk desk, StaffWrite write, IdempotentRequest once, CancellationToken ct) =>
        ProposeAsync(caller, RulesKind.Tiers, "tier_rules", tx => desk.ProposeAsync(tx, body.Rules, ChinaTime.DayOf(body.ValidFrom), body.Note, caller.Id), write, once, ct);

    private static async Task<Results<Created<ProposalView>, ProblemAnswer>> ProposeAsync(
        StaffCaller caller, RulesKind kind, string noun, Func<Tx, Task<(ProposalOutcome Outcome, long Id, string? Fault)>> propose, StaffWrite write, IdempotentRequest once, CancellationToken ct)
    {
        var (made, refused) = await write.RunAsync(once, async tx =>
        {
            var (outcome, id, fault) = await propose(tx);
            var entry = new AuditEntry(caller.Actor, $"{noun}.proposed") { Subject = id == 0 ? "" : $"proposal:{id}" };
            return LoyaltyProblems.Of(outcome, fault) is { } problem ? Changed<RulesProposal>.Not(problem, entry) : Changed<RulesProposal>.To((await RulesDesk.FindAsync(tx, kind, id))!, entry);
        }, ct);
        return refused is not null ? refused.Answer() : TypedResults.Created($"/api/staff/{(kind == RulesKind.Points ? "points" : "tiers")}/rules/proposals/{made!.Id}", ProposalView.Of(made));
    }

    private static async Task<Results<Ok<Page<ProposalView>>, ProblemAnswer>> ListAsync(RulesKind kind, string? cursor, int? limit, Database database, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var rows = await database.ReadAsync(session => RulesDesk.ListAsync(session, kind, before, Cursor.Rows(limit)), ct);
        return TypedResults.Ok(Cursor.Page(rows, limit, row => row.Id, ProposalView.Of));
    }

    private static async Task<Results<Ok<ProposalView>, ProblemAnswer>> GetAsync(RulesKind kind, long proposalId, Database database, CancellationToken ct) =>
        await database.ReadAsync(session => RulesDesk.FindAsync(session, kind, proposalId), ct) is { } found ? TypedResults.Ok(ProposalView.Of(found)) : Problems.NotFound.Answer();

    private static async Task<Results<Ok<VersionView>, ProblemAnswer>> ApproveAsync(RulesKind kind, string noun, long proposalId, StaffCaller caller, RulesDesk desk, StaffWrite write, CancellationToken ct)
    {
        var entry = new AuditEntry(caller.Actor, $"{noun}.approved") { Subject = $"proposal:{proposalId}" };
        var (version, refused) = await write.RunAsync(null, async tx =>
        {
            var (outcome, version) = await desk.ApproveAsync(tx, kind, proposalId, caller.Id);
            return LoyaltyProblems.Of(outcome) is { } problem ? Changed<VersionView>.Not(problem, entry) : Changed<VersionView>.To(new VersionView(version), entry);
        }, ct);
        return refused is not null ? refused.Answer() : TypedResults.Ok(version!);
    }

    private static async Task<Results<NoContent, ProblemAnswer>> DecideAsync(StaffCaller caller, string action, long proposalId, Func<Tx, Task<ProposalOutcome>> decide, StaffWrite write, CancellationToken ct)
    {
        var entry = new AuditEntry(caller.Actor, action) { Subject = $"proposal:{proposalId}" };
        var (_, refused) = await write.RunAsync(null, async tx => LoyaltyProblems.Of(await decide(tx)) is { } problem ? Changed<bool>.Not(problem, entry) : Changed<bool>.To(true, entry), ct);
        return refused is not null ? refused.Answer() : TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemAnswer>> WithdrawAsync(StaffCaller caller, string action, int version, Func<Tx, Task<RulesOutcome>> withdraw, StaffWrite write, CancellationToken ct)
    {
        var entry = new AuditEntry(caller.Actor, action) { Subject = $"version:{version}" };
        var (_, refused) = await write.RunAsync(null, async tx => await withdraw(tx) == RulesOutcome.Done ? Changed<bool>.To(true, entry) : Changed<bool>.Not(LoyaltyProblems.InUse, entry), ct);
        return refused is not null ? refused.Answer() : TypedResults.NoContent();
    }
}

internal sealed record WhyBody(string Why);

internal sealed record VersionView(long Version);

internal sealed record PointsProposalBody(DateOnly ValidFrom, string Note, PointsRules Rules);

internal sealed record TiersProposalBody(DateOnly ValidFrom, string Note, TierRules Rules);

internal sealed record PointsRulesView(int Version, DateOnly ValidFrom, PointsRules Rules);

internal sealed record TierRulesView(int Version, DateOnly ValidFrom, TierRules Rules);

/// <summary>Rules of earning as they go over the wire: ids are strings, classes are words.</summary>
internal sealed record PointsRules(
    int FenPerPoint, int PendingDays, int ValidDays, IReadOnlyDictionary<ProductClass, int> RateMilli, bool EarnOnPrescription, bool EarnOnOtcA, bool EarnOnInsurance, bool BurnOnPrescription,
    bool BurnOnOtcA, bool BurnOnInsurance, IReadOnlyList<ProductId> ExcludedProducts, IReadOnlyList<StoreId> ExcludedStores, IReadOnlyList<int> TierMilli, int BirthdayMilli,
    BirthdayWindow BirthdayWindow, IReadOnlyList<int> MemberDays, int MemberDayMilli)
{
    public EarningRules ToRules() => new()
    {
        FenPerPoint = FenPerPoint, PendingDays = PendingDays, ValidDays = ValidDays, RateMilli = RateMilli, EarnOnPrescription = EarnOnPrescription, EarnOnOtcA = EarnOnOtcA,
        EarnOnInsurance = EarnOnInsurance, BurnOnPrescription = BurnOnPrescription, BurnOnOtcA = BurnOnOtcA, BurnOnInsurance = BurnOnInsurance,
        ExcludedProducts = [.. ExcludedProducts.Select(id => id.Value)], ExcludedStores = [.. ExcludedStores.Select(id => id.Value)],
        TierMilli = TierMilli, BirthdayMilli = BirthdayMilli, BirthdayWindow = BirthdayWindow, MemberDays = MemberDays, MemberDayMilli = MemberDayMilli,
    };

    public static PointsRules Of(EarningRules rules) => new(
        rules.FenPerPoint, rules.PendingDays, rules.ValidDays, rules.RateMilli, rules.EarnOnPrescription, rules.EarnOnOtcA, rules.EarnOnInsurance, rules.BurnOnPrescription, rules.BurnOnOtcA,
        rules.BurnOnInsurance, [.. rules.ExcludedProducts.Select(ProductId.From)], [.. rules.ExcludedStores.Select(StoreId.From)], rules.TierMilli, rules.BirthdayMilli, rules.BirthdayWindow,
        rules.MemberDays, rules.MemberDayMilli);
}

internal sealed record ProposalView(
    string Id, DateOnly ValidFrom, string Note, ProposalState State, string AuthorId, DateTimeOffset ProposedAt, string? DecidedById, DateTimeOffset? DecidedAt, string Why, int? Version,
    PointsRules? PointsRules, TierRules? TierRules)
{
    public static ProposalView Of(RulesProposal proposal) => new(
        proposal.Id.ToString(), ChinaTime.Date(proposal.ValidFrom), proposal.Note, proposal.State, proposal.Author.ToString(), Instants.Of(proposal.ProposedAt), proposal.DecidedBy?.ToString(),
        Instants.Of(proposal.DecidedAt), proposal.Why, proposal.Version, proposal.Points is { } points ? PointsRules.Of(points) : null, proposal.Tiers);
}
