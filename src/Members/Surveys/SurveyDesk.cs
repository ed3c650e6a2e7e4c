using System.Text.Json;
using Engagement.Members.Cases;
using Engagement.Members.Staff;
using Engagement.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Members.Surveys;

/// <summary>Surveys: new versions, answers, and what they measure.</summary>
public sealed class SurveyDesk(Database database, IdGenerator ids, Clocks clocks, FieldCipher cipher, CaseDesk cases)
{
    private const int LongestText = 1000;

    private static readonly CipherColumn s_text = new("survey_text", "text");

    private const string Columns = """
        SELECT s.id AS Id, s.code AS Code, v.version AS Version, v.content AS Content, v.until_day AS Until, v.closed_at AS ClosedAt
        FROM   survey s JOIN survey_version v ON v.survey_id = s.id
        """;

    private const string Undone = "NOT EXISTS (SELECT 1 FROM survey_done d WHERE d.survey_id = s.id AND d.version = v.version AND d.member_id = @member)";
    private const string FindCode = "SELECT id FROM survey WHERE code = @code";
    private const string InsertSurvey = "INSERT INTO survey (id, code, latest_version)";
    private const string InsertVersion = "INSERT INTO survey_version (survey_id, version, content, until_day, author_id, created_at)";
    private const string Raise = "UPDATE survey SET latest_version = latest_version + 1 WHERE id = @id";
    private const string Close = "UPDATE survey_version SET closed_at = @now WHERE survey_id = @id AND closed_at IS NULL";
    private const string InsertAnswer = "INSERT INTO survey_answer (id, survey_id, version, member_id, mode, store_id, staff_id, day)";
    private const string HasDone = "SELECT COUNT(*) FROM survey_done WHERE survey_id = @id AND version = @version AND member_id = @member";
    private const string LockMember = "SELECT id FROM member WHERE id = @member";
    private const string Scores = "SELECT a.mode AS Mode, x.answer_id AS Answer, x.question AS Question, x.score AS Score FROM survey_answer a LEFT JOIN survey_score x ON x.answer_id = a.id WHERE a.survey_id = @id AND a.version = @version";
    private const string Modes = "SELECT mode AS Mode, COUNT(*) AS Count FROM survey_answer WHERE survey_id = @id AND version = @version GROUP BY mode";

    /// <summary>Publishes a survey, or with a code that is known a new version of it: the one before takes no answers any more. In the caller's write.</summary>
    public async Task<(SurveyOutcome Outcome, long Id, int Version)> PublishAsync(Tx tx, string code, SurveyContent content, DateOnly until, StaffId author)
    {
        if (!content.IsPlausible || code.Length is 0 or > 64) return (SurveyOutcome.ContentInvalid, 0, 0);
        var (id, version) = (await tx.ScalarAsync<long?>($"{FindCode} {tx.Dialect.ForUpdate}", new { code }).ConfigureAwait(false) ?? 0, 1);
        if (id == 0)
        {
            id = ids.Next();
            await tx.InsertManyAsync(InsertSurvey, [id], (one, v) => (v[0], v[1], v[2]) = (one, code, 1)).ConfigureAwait(false);
        }
        else
        {
            await tx.ExecuteAsync(Close, new { id, now = clocks.Business.NowMs() }).ConfigureAwait(false);
            await tx.ExecuteAsync(Raise, new { id }).ConfigureAwait(false);
            version = (int)await tx.ScalarAsync<long>("SELECT latest_version FROM survey WHERE id = @id", new { id }).ConfigureAwait(false);
        }

        await tx.InsertManyAsync(InsertVersion, [version], (one, v) =>
            (v[0], v[1], v[2], v[3], v[4], v[5]) = (id, one, content.ToJson(), ChinaTime.DayOf(until), author.Value, clocks.Business.NowMs())).ConfigureAwait(false);
        return (SurveyOutcome.Done, id, version);
    }

    /// <inheritdoc cref="PublishAsync(Tx, string, SurveyContent, DateOnly, StaffId)"/>
    public Task<(SurveyOutcome Outcome, long Id, int Version)> PublishAsync(string code, SurveyContent content, DateOnly until, StaffId author, CancellationToken ct) =>
        database.WriteAsync(tx => PublishAsync(tx, code, content, until, author), ct);

    /// <summary>Ends a survey, in the caller's write; <c>false</c> when it takes no answers anyway.</summary>
    public async Task<bool> CloseAsync(Tx tx, long id) => await tx.ExecuteAsync(Close, new { id, now = clocks.Business.NowMs() }).ConfigureAwait(false) > 0;

    /// <summary>What a member may answer.</summary>
    public Task<IReadOnlyList<SurveyVersion>> ForMemberAsync(MemberId member, CancellationToken ct) => database.ReadAsync(session => VersionsAsync(
        session, $"v.closed_at IS NULL AND v.until_day >= @today AND {Undone}", new { member = member.Value, today = clocks.Business.Today() }), ct);

    /// <summary>The newest version of each survey.</summary>
    public Task<IReadOnlyList<SurveyVersion>> AllAsync(CancellationToken ct) => database.ReadAsync(session => VersionsAsync(session, "v.version = s.latest_version", null), ct);

    /// <summary>The newest version of a survey, or <c>null</c>.</summary>
    public async Task<SurveyVersion?> FindAsync(long id, CancellationToken ct) =>
        await database.ReadAsync(session => VersionsAsync(session, "s.id = @id AND v.version = s.latest_version", new { id }), ct).ConfigureAwait(false) is [var found] ? found : null;

    /// <summary>Takes an answer. A low score opens a service case in the same write; an anonymous one without a name.</summary>
    /// <param name="id">The survey.</param>
    /// <param name="version">The version that was shown.</param>
    /// <param name="answers">Values by question.</param>
    /// <param name="member">Who answers; <c>null</c> when staff write down what somebody says who gives no name.</param>
    /// <param name="anonymous">Whether the answer is kept without the name.</param>
    /// <param name="mode">How it came in.</param>
    /// <param name="store">Where.</param>
    /// <param name="staff">Who wrote it down.</param>
    /// <param name="ct">Stops before the write.</param>
    public Task<SurveyOutcome> AnswerAsync(
        long id, int version, IReadOnlyDictionary<string, JsonElement> answers, MemberId? member, bool anonymous, SurveyMode mode, StoreId? store, StaffId? staff, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await VersionsAsync(tx, "s.id = @id AND v.version = @version", new { id, version }).ConfigureAwait(false) is not [var survey]) return SurveyOutcome.NotFound;
        if (!survey.Open) return SurveyOutcome.Closed;
        if ((anonymous || member is null) && !survey.Content.AnonymousAllowed) return SurveyOutcome.NotAnonymous;
        if (Read(survey.Content, answers) is not { } read) return SurveyOutcome.AnswersInvalid;
        if (member is { } person)
        {
            // Two phones of one member take turns.
            await tx.ScalarAsync<long?>($"{LockMember} {tx.Dialect.ForUpdate}", new { member = person.Value }).ConfigureAwait(false);
            if (await tx.ScalarAsync<long>(HasDone, new { id, version, member = person.Value }).ConfigureAwait(false) > 0) return SurveyOutcome.Answered;
            await tx.InsertManyAsync("INSERT INTO survey_done (survey_id, version, member_id)", [person.Value], (one, v) => (v[0], v[1], v[2]) = (id, version, one)).ConfigureAwait(false);
        }

        var (answer, named) = (ids.Next(), anonymous ? null : member);
        await tx.InsertManyAsync(InsertAnswer, [answer], (one, v) =>
        {
            (v[0], v[1], v[2], v[3]) = (one, id, version, named?.Value);
            (v[4], v[5], v[6], v[7]) = ((int)mode, store?.Value, staff?.Value, clocks.Business.Today());
        }).ConfigureAwait(false);
        await tx.InsertManyAsync("INSERT INTO survey_score (answer_id, question, score)", read.Scores, (one, v) => (v[0], v[1], v[2]) = (answer, one.Question.Id, one.Score)).ConfigureAwait(false);
        await tx.InsertManyAsync("INSERT INTO survey_text (answer_id, question, text_cipher)", read.Texts, (one, v) => (v[0], v[1], v[2]) = (answer, one.Question, cipher.Encrypt(s_text, answer, one.Text))).ConfigureAwait(false);
        if (read.Scores.FindAll(one => one.Question.IsLow(one.Score)) is { Count: > 0 } low)
        {
            var text = $"调查“{survey.Content.Title}”低分：{string.Join("；", low.Select(one => $"{one.Question.Text} {one.Score} 分"))}{string.Concat(read.Texts.Select(one => $"\n{one.Text}"))}";
            await cases.LogAsync(tx, named, CaseCategory.Complaint, store, CaseChannel.Survey, text).ConfigureAwait(false);
        }

        return SurveyOutcome.Done;
    }, ct);

    /// <summary>What a version has found; figures only from <see cref="SurveyMeasures.FewestPublished"/> answers on.</summary>
    public Task<SurveyResult?> ResultAsync(long id, int version, CancellationToken ct) => database.ReadAsync<SurveyResult?>(async session =>
    {
        if (await VersionsAsync(session, "s.id = @id AND v.version = @version", new { id, version }).ConfigureAwait(false) is not [var survey]) return null;
        var modes = (await session.QueryAsync<ModeRow>(Modes, new { id, version }).ConfigureAwait(false)).ToDictionary(row => (SurveyMode)row.Mode, row => (int)row.Count);
        var count = modes.Values.Sum();
        if (count < SurveyMeasures.FewestPublished) return new SurveyResult(version, count, false, modes, null, null, null, new Dictionary<IndicatorGroup, double>());
        var scores = (await session.QueryAsync<ScoreRow>(Scores, new { id, version }).ConfigureAwait(false)).Where(row => row.Question is not null).ToLookup(row => row.Question!, row => (int)row.Score!.Value);
        var questions = survey.Content.Questions;
        var means = questions.Where(question => question.Indicator is not null).SelectMany(question => scores[question.Id].Select(score => (Group: SurveyMeasures.Indicators[question.Indicator!], score)))
            .GroupBy(one => one.Group).ToDictionary(group => group.Key, group => group.Average(one => one.score));
        var overall = questions.FirstOrDefault(question => question.Indicator == "overall") ?? questions.FirstOrDefault(question => question.Kind == QuestionKind.Score5);
        return new SurveyResult(version, count, true, modes, overall is null ? null : SurveyMeasures.Csat([.. scores[overall.Id]]),
            SurveyMeasures.Nps([.. questions.Where(question => question.Kind == QuestionKind.Score10).SelectMany(question => scores[question.Id])]),
            SurveyMeasures.Index(means, survey.Content.Weights.Count > 0 ? survey.Content.Weights : SurveyMeasures.DefaultWeights), means);
    }, ct);

    private static Answers? Read(SurveyContent content, IReadOnlyDictionary<string, JsonElement> values)
    {
        if (values.Keys.Except(content.Questions.Select(question => question.Id)).Any()) return null;
        var read = new Answers([], []);
        foreach (var question in content.Questions)
        {
            if (!values.TryGetValue(question.Id, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                if (question.Optional || question.Kind == QuestionKind.Text) continue;
                return null;
            }

            switch (question.Kind)
            {
                case QuestionKind.Score5 or QuestionKind.Score10:
                    var (least, most) = question.Kind == QuestionKind.Score5 ? (1, 5) : (0, 10);
                    if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var score) || score < least || score > most) return null;
                    read.Scores.Add((question, score));
                    break;
                case QuestionKind.Choice:
                    if (value.ValueKind != JsonValueKind.String || question.Options.Index().FirstOrDefault(option => option.Item == value.GetString()) is not { Item: not null } chosen) return null;
                    read.Scores.Add((question, chosen.Index));
                    break;
                default:
                    if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: <= LongestText } text || text.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r'))) return null;
                    if (text.Trim().Length > 0) read.Texts.Add((question.Id, text.Trim()));
                    break;
            }
        }

        return read;
    }

    private async Task<IReadOnlyList<SurveyVersion>> VersionsAsync(Session session, string where, object? parameters)
    {
        var today = clocks.Business.Today();
        return [.. (await session.QueryAsync<Row>($"{Columns} WHERE {where} ORDER BY s.id DESC", parameters).ConfigureAwait(false)).Select(row => new SurveyVersion(
            row.Id, row.Code, (int)row.Version, SurveyContent.FromJson(row.Content), (int)row.Until, row.ClosedAt is null && row.Until >= today))];
    }

    private sealed record Answers(List<(SurveyQuestion Question, int Score)> Scores, List<(string Question, string Text)> Texts);

    private sealed class Row
    {
        public long Id { get; init; }
        public string Code { get; init; } = "";
        public long Version { get; init; }
        public string Content { get; init; } = "";
        public long Until { get; init; }
        public long? ClosedAt { get; init; }
    }

    private sealed class ScoreRow
    {
        public long Mode { get; init; }
        public long? Answer { get; init; }
        public string? Question { get; init; }
        public long? Score { get; init; }
    }

    private sealed class ModeRow
    {
        public long Mode { get; init; }
        public long Count { get; init; }
    }
}

/// <summary>Registers surveys.</summary>
public static class SurveyRegistration
{
    /// <summary>Adds the desk.</summary>
    public static IServiceCollection AddSurveys(this IServiceCollection services) => services.AddSingleton<SurveyDesk>().AddSingleton<Timelines.ITimelineSource, AnswerHistory>();
}
