using Engagement.Api.Hosting;
using Engagement.Members.Loyalty;
using Engagement.Members.Points;

namespace Engagement.Api.Staff;

/// <summary>The refusals about rules of points and tiers, and about corrections of points.</summary>
internal static class LoyaltyProblems
{
    public static readonly Problem TooEarly = new("rules_too_early", 409, new("规则只能从今天或以后生效，且不能早于现有规则。", "Rules hold from today or later, and not before those that are there: what was earned was earned."));
    public static readonly Problem InUse = new("rules_in_use", 409, new("没有这个版本，或它已经生效，不能撤销。", "There is no such version, or it holds already: what was used is not taken away."));
    public static readonly Problem OwnWork = new("own_work", 403, new("不能审批自己提交的内容。", "Nobody decides on what they proposed themselves."));
    public static readonly Problem NotTheAuthor = new("not_the_author", 403, new("只有提交人可以撤回。", "Only its author takes it back."));
    public static readonly Problem PointsShort = new("points_insufficient", 409, new("可用积分不足。", "There are fewer active points than are to be taken."));
    public static readonly Problem AdjustmentInvalid = Problems.Fields(
        ("points", new("不能为 0，最多一百万", "not 0, and a million at most")), ("reason", new("1 到 150 个字", "1 to 150 characters")));

    /// <summary>The refusals of proposals, for the description.</summary>
    public static readonly IReadOnlyList<Problem> OfProposals = [TooEarly, OwnWork, NotTheAuthor];

    /// <summary>The refusals of corrections, for the description.</summary>
    public static readonly IReadOnlyList<Problem> OfAdjustments = [PointsShort, OwnWork, Problems.NotFound];

    /// <summary>What an outcome is answered with; <c>null</c> when it was done.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="fault">Of what is invalid: the name of the value.</param>
    public static Problem? Of(ProposalOutcome outcome, string? fault = null) => outcome switch
    {
        ProposalOutcome.Done => null,
        ProposalOutcome.Invalid => Problems.Fields((Camel(fault ?? "why"), new("超出允许的范围", "out of its range"))),
        ProposalOutcome.TooEarly => TooEarly,
        ProposalOutcome.NotFound => Problems.NotFound,
        ProposalOutcome.SamePerson => OwnWork,
        ProposalOutcome.NotTheAuthor => NotTheAuthor,
    };

    /// <inheritdoc cref="Of(ProposalOutcome, string?)"/>
    public static Problem? Of(AdjustmentOutcome outcome) => outcome switch
    {
        AdjustmentOutcome.Applied or AdjustmentOutcome.Waiting or AdjustmentOutcome.Refused => null,
        AdjustmentOutcome.Invalid => AdjustmentInvalid,
        AdjustmentOutcome.Insufficient => PointsShort,
        AdjustmentOutcome.SamePerson => OwnWork,
        AdjustmentOutcome.NotFound => Problems.NotFound,
    };

    private static string Camel(string name) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name);
}
