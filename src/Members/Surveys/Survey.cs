using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engagement.Members.Surveys;

/// <summary>How a question is answered.</summary>
public enum QuestionKind
{
    /// <summary>1 to 5.</summary>
    Score5 = 1,

    /// <summary>0 to 10.</summary>
    Score10 = 2,

    /// <summary>In words.</summary>
    Text = 3,

    /// <summary>One of some options.</summary>
    Choice = 4,
}

/// <summary>How an answer came in.</summary>
public enum SurveyMode
{
    /// <summary>In the mini-program.</summary>
    Online = 1,

    /// <summary>By phone, staff write it down.</summary>
    Phone = 2,

    /// <summary>At the counter, staff write it down.</summary>
    Counter = 3,
}

/// <summary>A question.</summary>
/// <param name="Id">Its code within the survey.</param>
/// <param name="Text">What is asked.</param>
/// <param name="Kind">How it is answered.</param>
public sealed record SurveyQuestion(string Id, string Text, QuestionKind Kind)
{
    /// <summary>What can be chosen.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The indicator that a score from 1 to 5 counts for; <c>null</c> for none.</summary>
    public string? Indicator { get; init; }

    /// <summary>Whether it may be left out.</summary>
    public bool Optional { get; init; }

    /// <summary>Whether an answer so low wants somebody to look after it.</summary>
    internal bool IsLow(int score) => Kind switch { QuestionKind.Score5 => score <= 2, QuestionKind.Score10 => score <= 6, _ => false };
}

/// <summary>A version of a survey.</summary>
/// <param name="Title">What members read.</param>
/// <param name="AnonymousAllowed">Whether the name may be left out.</param>
/// <param name="Questions">The questions.</param>
public sealed record SurveyContent(string Title, bool AnonymousAllowed, IReadOnlyList<SurveyQuestion> Questions)
{
    /// <summary>Weights of the groups of indicators; empty for the default ones.</summary>
    public IReadOnlyDictionary<IndicatorGroup, double> Weights { get; init; } = new Dictionary<IndicatorGroup, double>();

    /// <summary>Whether it can be asked so.</summary>
    internal bool IsPlausible =>
        Title.Trim().Length is >= 2 and <= 60 && Questions.Count is >= 1 and <= 40 && Questions.Select(question => question.Id).Distinct().Count() == Questions.Count
        && Questions.All(question => question.Id.Length is >= 1 and <= 32 && question.Id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && question.Text.Trim().Length is >= 2 and <= 200
            && (question.Kind == QuestionKind.Choice ? question.Options.Count is >= 2 and <= 20 && question.Options.All(option => option.Length is >= 1 and <= 60) : question.Options.Count == 0)
            && (question.Indicator is null || (question.Kind == QuestionKind.Score5 && SurveyMeasures.Indicators.ContainsKey(question.Indicator))))
        && (Weights.Count == 0 || (Weights.Values.All(weight => weight is >= 0 and <= 1) && Math.Abs(Weights.Values.Sum() - 1) < 0.0001));

    internal string ToJson() => JsonSerializer.Serialize(this, SurveyJson.Default.SurveyContent);

    internal static SurveyContent FromJson(string json) => JsonSerializer.Deserialize(json, SurveyJson.Default.SurveyContent)!;
}

/// <summary>A version of a survey that takes answers, or took them.</summary>
/// <param name="Id">The survey.</param>
/// <param name="Code">Its stable name.</param>
/// <param name="Version">The version.</param>
/// <param name="Content">What is asked.</param>
/// <param name="Until">The last day.</param>
/// <param name="Open">Whether it takes answers now.</param>
public sealed record SurveyVersion(long Id, string Code, int Version, SurveyContent Content, int Until, bool Open);

/// <summary>What came of an answer or a change.</summary>
public enum SurveyOutcome
{
    /// <summary>Done.</summary>
    Done = 1,

    /// <summary>There is no such survey.</summary>
    NotFound,

    /// <summary>This version takes no answers any more.</summary>
    Closed,

    /// <summary>This member has answered.</summary>
    Answered,

    /// <summary>An answer is missing, too many, or none of what can be answered.</summary>
    AnswersInvalid,

    /// <summary>This survey wants a name.</summary>
    NotAnonymous,

    /// <summary>The questions or weights cannot be used.</summary>
    ContentInvalid,

    /// <summary>Another survey has the code.</summary>
    CodeTaken,
}

/// <summary>What a survey has found so far.</summary>
/// <param name="Version">The version.</param>
/// <param name="Count">Answers.</param>
/// <param name="Published">Whether there are enough answers to show the figures.</param>
/// <param name="Modes">Answers by mode.</param>
/// <param name="Csat">CSAT over the overall question, in percent.</param>
/// <param name="Nps">NPS over questions from 0 to 10.</param>
/// <param name="Index">The index.</param>
/// <param name="Means">The means of the groups.</param>
public sealed record SurveyResult(
    int Version, int Count, bool Published, IReadOnlyDictionary<SurveyMode, int> Modes, double? Csat, NetPromoters? Nps, SatisfactionIndex? Index, IReadOnlyDictionary<IndicatorGroup, double> Means);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SurveyContent))]
internal sealed partial class SurveyJson : JsonSerializerContext;
