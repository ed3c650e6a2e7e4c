using System.Text.Json;
using Engagement.Members.Products;
using Engagement.Storage;

namespace Engagement.Members.CarePlans;

/// <summary>Reads a care plan: lines with coverage, the tickets behind the next refill, adherence, today's doses. Changes nothing.</summary>
public sealed class CarePlanBook(Database database, Clocks clocks, FieldCipher cipher, HealthBook health)
{
    private const int MeasurementsShown = 30;
    private const int BecauseShown = 4;
    private const int AdherenceDays = 365;
    private const int ShortestAdherence = 91;
    private const int CalendarDays = 90;

    private const string SelectLines = """
        SELECT t.id AS Id, t.therapy_key AS TherapyKey, t.coverage_end AS CoverageEnd, t.state AS State, t.source AS Source, t.remind_on AS RemindOn, t.units_per_day_milli AS PerDay,
               t.dose_estimated AS Estimated, p.name AS Name, p.therapy AS Therapy, p.class AS Class, p.spec AS Spec
        FROM   therapy_line t LEFT JOIN product p ON p.id = t.product_id
        WHERE  t.member_id = @member
        ORDER BY t.coverage_end, t.id
        """;

    private const string SelectTickets = """
        SELECT l.id AS Id, p.business_day AS Day, p.ticket_no AS Ticket, s.name AS Store, l.product_id AS ProductId, l.quantity AS Quantity, r.name AS Product,
               l.days_supply AS DaysSupply, l.original_line_id AS Original
        FROM   purchase p JOIN purchase_line l ON l.purchase_id = p.id JOIN product r ON r.id = l.product_id LEFT JOIN store s ON s.id = p.store_id
        WHERE  p.member_id = @member AND r.therapy IS NOT NULL
        ORDER BY p.business_day, l.id
        """;

    private const string SelectMarks = "SELECT line_id AS Line, minute AS Minute, state AS State FROM dose_mark WHERE member_id = @member AND day = @day";

    /// <summary>The plan of a member.</summary>
    public Task<CarePlan> ReadAsync(MemberId member, CancellationToken ct) => database.ReadAsync(async session =>
    {
        if (!await HealthDoor.IsOpenAsync(session, member).ConfigureAwait(false)) return CarePlan.Closed;
        var today = clocks.Business.Today();
        var story = await StoryAsync(session, member).ConfigureAwait(false);
        var marks = (await session.QueryAsync<MarkRow>(SelectMarks, new { member = member.Value, day = today }).ConfigureAwait(false)).ToDictionary(mark => (mark.Line, (int)mark.Minute), mark => (DoseState)mark.State);
        var lines = story.Lines.Select(line => Show(line, story, today)).ToList();
        var doses = lines.Where(line => line.State != TherapyState.Stopped && line.Dose is not null).SelectMany(line => line.Dose!.Minutes.Select(minute =>
            (minute, Dose: new DoseOfDay(line.Id, line.Title, Dose.TimeOf(minute), marks.GetValueOrDefault((line.Id, minute)))))).OrderBy(dose => dose.minute).Select(dose => dose.Dose);
        return new CarePlan(true, lines, [.. doses], await health.MeasurementsAsync(session, member, MeasurementsShown).ConfigureAwait(false), await health.ProfileAsync(session, member).ConfigureAwait(false));
    }, ct);

    /// <summary>Entries for the phone's calendar, one a dose time; empty when the line has no times, <c>null</c> when there is no such line.</summary>
    public Task<IReadOnlyList<CalendarEntry>?> CalendarAsync(MemberId member, long line, CancellationToken ct) => database.ReadAsync<IReadOnlyList<CalendarEntry>?>(async session =>
    {
        if (!await HealthDoor.IsOpenAsync(session, member).ConfigureAwait(false)) return null;
        var story = await StoryAsync(session, member).ConfigureAwait(false);
        if (story.Lines.Find(row => row.Id == line) is not { } found) return null;
        var (now, today) = (clocks.Business.GetUtcNow(), clocks.Business.Today());
        return
        [
            .. (StatedDose(found, story) is { } dose ? dose.Minutes : []).Select(minute =>
            {
                var time = new TimeOnly(minute / 60, minute % 60);
                var first = ChinaTime.At(today, time) > now ? today : today + 1;
                return new CalendarEntry("健康提醒", ChinaTime.At(first, time).ToUnixTimeSeconds(), "day", ChinaTime.At(first + CalendarDays, time).ToUnixTimeSeconds(), "详情请在小程序中查看");
            }),
        ];
    }, ct);

    private static async Task<Story> StoryAsync(Session session, MemberId member)
    {
        var catalog = new ProductCatalog();
        await catalog.LoadTherapiesAsync(session).ConfigureAwait(false);
        var lines = await session.QueryAsync<LineRow>(SelectLines, new { member = member.Value }).ConfigureAwait(false);
        var tickets = await session.QueryAsync<TicketRow>(SelectTickets, new { member = member.Value }).ConfigureAwait(false);
        var said = await StatementStore.OfAsync(session, [member.Value]).ConfigureAwait(false);
        var byKey = tickets.Where(ticket => catalog.Therapy(ticket.ProductId) is not null).ToLookup(ticket => catalog.Therapy(ticket.ProductId)!.TherapyKey!);
        var statements = lines.ToDictionary(line => line.TherapyKey, line => said.GetValueOrDefault((member.Value, line.TherapyKey)) ?? []);
        var histories = lines.ToDictionary(line => line.TherapyKey, line => TherapyHistory.Of(
            [.. byKey[line.TherapyKey].Select(ticket => ticket.ToPurchase(catalog))], statements[line.TherapyKey], catalog.Therapy));
        return new Story(lines, byKey, statements, histories);
    }

    private CareLine Show(LineRow line, Story story, int today)
    {
        var state = (TherapyState)line.State;
        var known = state != TherapyState.DoseUnknown;
        var stated = StatedDose(line, story);
        return new CareLine(line.Id, Title(line, story), (TherapySource)line.Source, state)
        {
            Dose = stated ?? (line.PerDay is > 0 and var perDay ? new Dose(perDay / 1000m, UnitOf(line.Spec), 1, []) : null),
            DoseEstimated = stated is null && line.PerDay is not null,
            NeedsDose = line.PerDay is null && state != TherapyState.Stopped,
            CoveredUntil = known ? (int)line.CoverageEnd : null,
            DaysLeft = known ? (int)line.CoverageEnd - today + 1 : null,
            RemindOn = line.RemindOn > today ? (int?)line.RemindOn : null,
            NextRefill = state == TherapyState.Active ? new NextRefill(WindowOpens(story.Histories[line.TherapyKey], (int)line.CoverageEnd), [.. Because(line, story, today)]) : null,
            Adherence = Adhering(line, story, today),
            NeedsPrescription = line.Class is null or (long)ProductClass.Prescription or (long)ProductClass.Unknown,
        };
    }

    // Seven days before the end, or when four fifths of the last supply are used, whichever is later (domain 5.2).
    private static int WindowOpens(TherapyHistory history, int end) =>
        history.Fills is [.., { Days: > 0 and var days }] ? Math.Max(end - 7, end - days + 1 + days * 4 / 5) : end - 7;

    private static MeasuredAdherence? Adhering(LineRow line, Story story, int today)
    {
        var ofClass = story.Lines.Where(other => other.TherapyKey == line.TherapyKey || (line.Therapy is not null && other.Therapy == line.Therapy));
        var window = new DayRange(today - AdherenceDays + 1, today);
        var fills = ofClass.Select(other => story.Histories[other.TherapyKey].Fills.Where(fill => fill.Days > 0 && fill.Day >= window.First && fill.Day <= today).ToList()).ToList();
        var days = fills.SelectMany(list => list).Select(fill => fill.Day).ToList();
        if (days.Distinct().Count() < 2 || today - days.Min() < ShortestAdherence || CarePlans.Adherence.Measure(fills, window) is not { } measured) return null;
        return new MeasuredAdherence((int)Math.Round(measured.Pdc * 100, MidpointRounding.AwayFromZero), days.Min(), today);
    }

    private static IEnumerable<Phrase> Because(LineRow line, Story story, int today)
    {
        var tickets = story.Tickets[line.TherapyKey].Select(ticket => (ticket.Day, ticket.Id, Said: Words(ticket)));
        var statements = story.Statements[line.TherapyKey].Where(said => said.Kind != StatementKind.Entered).Select(said => (Day: (long)said.Day, said.Id, Said: Words(said)));
        foreach (var step in tickets.Concat(statements).OrderBy(step => step.Day).ThenBy(step => step.Id).TakeLast(BecauseShown)) yield return step.Said;
        var end = (int)line.CoverageEnd;
        var dose = line.PerDay is { } perDay ? (Zh: $"按每天 {perDay / 1000m:0.###} {UnitOf(line.Spec)}计算，", En: $"At {perDay / 1000m:0.###} a day ") : (Zh: "", En: "");
        yield return new($"{dose.Zh}{(end >= today ? $"可用到 {Date(end)}" : $"已于 {Date(end)} 用完")}。", $"{dose.En}it {(end >= today ? "lasts until" : "ran out on")} {Date(end)}.");
    }

    private static Phrase Words(TicketRow ticket) => ticket.Quantity >= 0
        ? new($"{Date(ticket.Day)} {ticket.Store}购买 {ticket.Product} {ticket.Quantity} 盒（小票 {ticket.Ticket}）", $"{Date(ticket.Day)} {ticket.Store}: bought {ticket.Product} × {ticket.Quantity} (ticket {ticket.Ticket})")
        : new($"{Date(ticket.Day)} {ticket.Store}退货 {ticket.Product} {-ticket.Quantity} 盒（小票 {ticket.Ticket}）", $"{Date(ticket.Day)} {ticket.Store}: returned {ticket.Product} × {-ticket.Quantity} (ticket {ticket.Ticket})");

    private static Phrase Words(TherapyStatement said)
    {
        var (zh, en) = said.Teller == TherapySource.Pharmacist ? ("药师登记", "the pharmacist noted") : ("您告诉我们", "you told us");
        return said.Kind switch
        {
            StatementKind.Dose => new($"{Date(said.Day)} {zh}：每天 {said.UnitsPerDayMilli / 1000m:0.###} 个单位", $"{Date(said.Day)} {en}: {said.UnitsPerDayMilli / 1000m:0.###} a day"),
            StatementKind.Bought => new($"{Date(said.Day)} {zh}：已购买，可用 {said.Days} 天", $"{Date(said.Day)} {en}: bought for {said.Days} days"),
            StatementKind.StillHave => new($"{Date(said.Day)} {zh}：还有 {said.Days} 天的药", $"{Date(said.Day)} {en}: {said.Days} days left"),
            StatementKind.Stopped => new($"{Date(said.Day)} {zh}：不再服用", $"{Date(said.Day)} {en}: no longer taken"),
            StatementKind.Later => new($"{Date(said.Day)} {zh}：过几天再提醒", $"{Date(said.Day)} {en}: remind again later"),
            _ => new($"{Date(said.Day)} {zh}：正在服用", $"{Date(said.Day)} {en}: it is taken"),
        };
    }

    private Dose? StatedDose(LineRow line, Story story) =>
        story.Statements[line.TherapyKey].Where(said => said.Kind == StatementKind.Dose).MaxBy(said => said.Id) is { } last
            ? Dose.FromJson(cipher.Decrypt(StatementStore.Detail, last.Id, last.Detail)) : null;

    private string Title(LineRow line, Story story)
    {
        if (line.Name is { } name) return name;
        var entered = story.Statements[line.TherapyKey].Find(said => said is { Kind: StatementKind.Entered, Detail: not null });
        var named = entered is null ? null : JsonSerializer.Deserialize(cipher.Decrypt(StatementStore.Detail, entered.Id, entered.Detail)!, CareJson.Default.NewTherapy);
        return named is null ? "药品" : named.Strength is { Length: > 0 } strength ? $"{named.Name} {strength}" : named.Name;
    }

    // 5mg×28片 → 片.
    private static string UnitOf(string? spec) => spec is { Length: > 0 } && spec[^1] is var last and ('片' or '粒' or '袋' or '支' or '丸' or '贴') ? last.ToString() : "片";

    private static string Date(long day) => ChinaTime.Date((int)day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Story(
        List<LineRow> Lines, ILookup<string, TicketRow> Tickets, Dictionary<string, List<TherapyStatement>> Statements, Dictionary<string, TherapyHistory> Histories);

    private sealed class LineRow
    {
        public long Id { get; init; }
        public string TherapyKey { get; init; } = "";
        public long CoverageEnd { get; init; }
        public long State { get; init; }
        public long Source { get; init; }
        public long? RemindOn { get; init; }
        public long? PerDay { get; init; }
        public long Estimated { get; init; }
        public string? Name { get; init; }
        public string? Therapy { get; init; }
        public long? Class { get; init; }
        public string? Spec { get; init; }
    }

    private sealed class TicketRow
    {
        public long Id { get; init; }
        public long Day { get; init; }
        public string Ticket { get; init; } = "";
        public string? Store { get; init; }
        public long ProductId { get; init; }
        public long Quantity { get; init; }
        public string Product { get; init; } = "";
        public long? DaysSupply { get; init; }
        public long? Original { get; init; }

        public TherapyPurchase ToPurchase(ProductCatalog catalog) => new(Id, (int)Day, catalog.Therapy(ProductId)!, (int)Quantity, (int?)DaysSupply, Original);
    }

    private sealed class MarkRow
    {
        public long Line { get; init; }
        public long Minute { get; init; }
        public long State { get; init; }
    }
}
