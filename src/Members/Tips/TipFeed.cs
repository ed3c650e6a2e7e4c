using Engagement.Members.CarePlans;
using Engagement.Members.Consents;
using Engagement.Storage;

namespace Engagement.Members.Tips;

/// <summary>An article in the feed, with the reason for which it was chosen.</summary>
/// <param name="Tip">The article.</param>
/// <param name="Reason">Why, for the reader; behind the login only.</param>
/// <param name="Score">What it was ordered by.</param>
public sealed record ChosenTip(TipVersion Tip, Phrase Reason, int Score);

/// <summary>What the feed knows of a reader.</summary>
/// <param name="Health">Whether tags of health may choose.</param>
/// <param name="Tags">Those tags.</param>
/// <param name="City">Where they buy.</param>
/// <param name="Age">How old they are, by the year.</param>
/// <param name="Seen">When each article was read, by id.</param>
/// <param name="Topics">How often each topic was read of late.</param>
public sealed record TipReader(bool Health, IReadOnlySet<string> Tags, string? City, int? Age, IReadOnlyDictionary<long, int> Seen, IReadOnlyDictionary<string, int> Topics)
{
    /// <summary>Somebody of whom nothing is known.</summary>
    public static readonly TipReader Anybody = new(false, new HashSet<string>(), null, null, new Dictionary<long, int>(), new Dictionary<string, int>());
}

/// <summary>Chooses articles (domain 8): valid, reviewed, of the season, allowed by consent, not read for half a year; ordered by a score whose parts are fixed.</summary>
public sealed class TipFeed(Database database, Clocks clocks, TipShelf shelf, HealthBook health)
{
    private const int SeenDays = 180;
    private const int FreshDays = 30;

    private const string SelectReader = """
        SELECT m.birth_year AS BirthYear, s.city AS City, (SELECT COUNT(*) FROM consent c WHERE c.member_id = m.id AND c.purpose = @health AND c.granted = 1) AS Health
        FROM   member m LEFT JOIN store s ON s.id = m.store_id
        WHERE  m.id = @member
        """;

    private const string SelectViews = "SELECT tip_id AS Tip, topic AS Topic, seen_day AS SeenDay FROM tip_view WHERE member_id = @member AND seen_day > @since";

    private const string SelectTherapies = "SELECT DISTINCT p.therapy FROM therapy_line t JOIN product p ON p.id = t.product_id WHERE t.member_id = @member AND t.state <> 2 AND p.therapy IS NOT NULL";

    private const string InsertView = "INSERT INTO tip_view (member_id, tip_id, version, topic, seen_day)";

    private const string SetUseful = "UPDATE tip_view SET useful = @useful WHERE member_id = @member AND tip_id = @tip";

    private volatile TipOfTheDay? _ofTheDay;

    /// <summary>The feed of a member, or with <c>null</c> of a visitor.</summary>
    public async Task<IReadOnlyList<ChosenTip>> ReadAsync(MemberId? member, int limit, CancellationToken ct)
    {
        var tips = await shelf.ReadAsync(ct).ConfigureAwait(false);
        var reader = member is { } id ? await database.ReadAsync(session => ReaderAsync(session, id), ct).ConfigureAwait(false) : TipReader.Anybody;
        return [.. Choose(tips, reader, clocks.Business.Today()).Take(limit)];
    }

    /// <summary>The article of the day, for a page that is open where others look on: chosen as for somebody of whom nothing is known; <c>null</c> when there is none.</summary>
    public async ValueTask<TipVersion?> OfTheDayAsync(CancellationToken ct)
    {
        var (tips, today) = (await shelf.ReadAsync(ct).ConfigureAwait(false), clocks.Business.Today());
        if (_ofTheDay is { } chosen && chosen.Day == today && ReferenceEquals(chosen.Shelf, tips)) return chosen.Tip;
        var tip = Choose(tips, TipReader.Anybody, today).FirstOrDefault()?.Tip;
        _ofTheDay = new TipOfTheDay(today, tips, tip);
        return tip;
    }

    /// <summary>An article that is out, and marks it read; <c>null</c> when it is not.</summary>
    public async Task<TipVersion?> OpenAsync(MemberId? member, long tip, CancellationToken ct)
    {
        var today = clocks.Business.Today();
        var found = (await shelf.ReadAsync(ct).ConfigureAwait(false)).FirstOrDefault(one => one.Id == tip && one.ValidFrom <= today && one.ValidUntil >= today);
        if (found is null || member is not { } reader) return found;
        await database.WriteAsync(tx => tx.InsertManyAsync(InsertView, [found], (one, v) => (v[0], v[1], v[2], v[3], v[4]) = (reader.Value, one.Id, one.Version, one.Content.Topic, today),
            $"{tx.Dialect.OnConflictUpdate("member_id, tip_id")} version = {tx.Dialect.New("version")}, topic = {tx.Dialect.New("topic")}, seen_day = {tx.Dialect.New("seen_day")}"), ct).ConfigureAwait(false);
        return found;
    }

    /// <summary>Whether it was useful; <c>false</c> when the member has not read it.</summary>
    public Task<bool> RateAsync(MemberId member, long tip, bool useful, CancellationToken ct) =>
        database.WriteAsync(async tx => await tx.ExecuteAsync(SetUseful, new { member = member.Value, tip, useful = useful ? 1 : 0 }).ConfigureAwait(false) == 1, ct);

    /// <summary>The choice itself: the same for the same reader and day.</summary>
    public static IEnumerable<ChosenTip> Choose(IEnumerable<TipVersion> tips, TipReader reader, int today)
    {
        var term = SolarTerms.On(today);
        return tips.Where(tip => IsEligible(tip, reader, today, term)).Select(tip => Score(tip, reader, today, term)).OrderByDescending(chosen => chosen.Score).ThenBy(chosen => chosen.Tip.Id);
    }

    private static bool IsEligible(TipVersion tip, TipReader reader, int today, string? term)
    {
        var content = tip.Content;
        return tip.State == TipState.Published && tip.ValidFrom <= today && tip.ValidUntil >= today
            && (content.Terms.Count == 0 || (term is not null && content.Terms.Contains(term)))
            && (content.Tags.Count == 0 || reader.Health)
            && (reader.Age is not { } age || !(age < content.AgeFrom || age > content.AgeUntil))
            && !(reader.Seen.TryGetValue(tip.Id, out var seen) && seen > today - SeenDays);
    }

    private static ChosenTip Score(TipVersion tip, TipReader reader, int today, string? term)
    {
        var content = tip.Content;
        var matches = content.Tags.Where(reader.Tags.Contains).Take(2).ToList();
        var isHere = reader.City is { } city && content.Regions.Contains(city);
        var score = (content.Terms.Count > 0 ? 3 : 0) + 2 * matches.Count + (isHere ? 1 : 0)
            + (tip.ReviewedDay > today - FreshDays ? 1 : 0) - reader.Topics.GetValueOrDefault(content.Topic);
        List<Phrase> because = [];
        if (matches.Count > 0) because.Add(new($"与您关注的{string.Join("、", matches.Select(tag => HealthTags.Name(tag).Zh))}有关", $"it is about {string.Join(" and ", matches.Select(tag => HealthTags.Name(tag).En))}, which you look after"));
        if (content.Terms.Count > 0) because.Add(new($"现在是{term}时节", $"it is the season of {term}"));
        if (isHere) because.Add(new($"适合{reader.City}", $"it is meant for {reader.City}"));
        if (because.Count == 0) because.Add(new("药师推荐的健康知识", "general knowledge, reviewed by a pharmacist"));
        return new ChosenTip(tip, new(string.Join("，", because.Select(one => one.Zh)), string.Join("; ", because.Select(one => one.En))), score);
    }

    private async Task<TipReader> ReaderAsync(Session session, MemberId member)
    {
        var today = clocks.Business.Today();
        if (await session.SingleOrDefaultAsync<ReaderRow>(SelectReader, new { member = member.Value, health = (int)Purpose.Health }).ConfigureAwait(false) is not { } row) return TipReader.Anybody;
        var views = await session.QueryAsync<ViewRow>(SelectViews, new { member = member.Value, since = today - SeenDays }).ConfigureAwait(false);
        var tags = row.Health == 0 ? [] : HealthTags.Of(
            (await health.ProfileAsync(session, member).ConfigureAwait(false)).Conditions, await session.QueryAsync<string>(SelectTherapies, new { member = member.Value }).ConfigureAwait(false));
        return new TipReader(row.Health > 0, tags, row.City, row.BirthYear is { } born ? ChinaTime.Date(today).Year - (int)born : null,
            views.ToDictionary(view => view.Tip, view => (int)view.SeenDay), views.Where(view => view.SeenDay > today - FreshDays).CountBy(view => view.Topic).ToDictionary());
    }

    private sealed record TipOfTheDay(int Day, IReadOnlyList<TipVersion> Shelf, TipVersion? Tip);

    private sealed class ReaderRow
    {
        public long? BirthYear { get; init; }
        public string? City { get; init; }
        public long Health { get; init; }
    }

    private sealed class ViewRow
    {
        public long Tip { get; init; }
        public string Topic { get; init; } = "";
        public long SeenDay { get; init; }
    }
}
