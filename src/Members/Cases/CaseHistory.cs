using Engagement.Members.Timelines;
using Engagement.Storage;

namespace Engagement.Members.Cases;

/// <summary>Service cases in the timeline: that there was one, of what kind and how it stands. What was said stays behind the right to cases.</summary>
internal sealed class CaseHistory : ITimelineSource
{
    internal const string Select = """
        SELECT c.id AS Id, c.category AS Category, c.state AS State, c.opened_at AS OpenedAt, c.rating AS Rating
        FROM   service_case c
        WHERE  c.member_id = @member AND (c.opened_at < @at OR (c.opened_at = @at AND c.id < @id))
        """;

    public TimelineKind Kind => TimelineKind.Case;

    public async Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, TimelinePlace place, int limit, TimelineView view)
    {
        var sight = view.Health ? "1 = 1" : view.Scope.Sql("c.store_id", "c.owner_id");
        var rows = await session.QueryAsync<Row>($"{Select} AND {sight} ORDER BY c.opened_at DESC, c.id DESC LIMIT @limit", new
        {
            member = member.Value, at = place.At, id = place.IdFor(Kind), limit, view.Scope.Stores, view.Scope.Owner,
        }).ConfigureAwait(false);
        return [.. rows.Select(row => new TimelineItem(row.OpenedAt, Kind, row.Id, Title(row),
            row.Rating is { } score ? [new Phrase($"会员评价 {score} 分", $"rated {score} of 5")] : []))];
    }

    private static Phrase Title(Row row)
    {
        var category = (CaseCategory)row.Category switch
        {
            CaseCategory.Complaint => new Phrase("投诉", "Complaint"),
            CaseCategory.Consultation => new("咨询", "Consultation"),
            CaseCategory.AfterSale => new("售后", "After-sale"),
            CaseCategory.Call => new("来电", "Call"),
            CaseCategory.Pharmacist => new("问药师", "Question to a pharmacist"),
        };
        var state = (CaseState)row.State switch
        {
            CaseState.Open => new Phrase("待处理", "open"),
            CaseState.Answered => new("已答复", "answered"),
            CaseState.Done => new("已办结", "done"),
        };
        return new($"{category.Zh}（{state.Zh}）", $"{category.En} ({state.En})");
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public long Category { get; init; }
        public long State { get; init; }
        public long OpenedAt { get; init; }
        public long? Rating { get; init; }
    }
}
