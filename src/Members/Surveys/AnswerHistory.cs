using Engagement.Members.Timelines;
using Engagement.Storage;

namespace Engagement.Members.Surveys;

/// <summary>Answers to surveys in the timeline: that there was one, and its scores. An anonymous one is nobody's, and what was written stays with the survey.</summary>
internal sealed class AnswerHistory : ITimelineSource
{
    internal const string Select = """
        SELECT a.id AS Id, a.day AS Day, v.content AS Content
        FROM   survey_answer a JOIN survey_version v ON v.survey_id = a.survey_id AND v.version = a.version
        WHERE  a.member_id = @member
        """;

    private const string SelectScores = "SELECT answer_id, question, score FROM survey_score WHERE answer_id IN";

    public TimelineKind Kind => TimelineKind.Answer;

    // A member answers a few surveys a year, so they are read whole.
    public async Task<IReadOnlyList<TimelineItem>> ReadAsync(Session session, MemberId member, TimelinePlace place, int limit, TimelineView view)
    {
        var rows = (await session.QueryAsync<Row>(Select, new { member = member.Value }).ConfigureAwait(false))
            .Where(row => place.IsBefore(row.At, Kind, row.Id)).OrderByDescending(row => row.At).ThenByDescending(row => row.Id).Take(limit).ToList();
        var scores = rows.ToDictionary(row => row.Id, _ => new List<Phrase>());
        var questions = rows.ToDictionary(row => row.Id, row => SurveyContent.FromJson(row.Content));
        await session.ReadInAsync(SelectScores, [.. scores.Keys], score =>
        {
            var asked = questions[score.GetInt64(0)].Questions.FirstOrDefault(question => question.Id == score.GetString(1));
            scores[score.GetInt64(0)].Add(new($"{asked?.Text}：{score.GetInt32(2)} 分", $"{asked?.Text}: {score.GetInt32(2)}"));
        }).ConfigureAwait(false);
        return [.. rows.Select(row => new TimelineItem(row.At, Kind, row.Id, new($"答卷：{questions[row.Id].Title}", $"Answered: {questions[row.Id].Title}"), scores[row.Id]))];
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public long Day { get; init; }
        public string Content { get; init; } = "";

        // An answer has a day and no time: it stands at its beginning.
        public long At => ChinaTime.At((int)Day, TimeOnly.MinValue).ToUnixTimeMilliseconds();
    }
}
