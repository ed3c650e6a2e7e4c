using Engagement.Api.Hosting;
using Engagement.Members.CarePlans;

namespace Engagement.Api.Member;

/// <summary>The refusals of care plans.</summary>
internal static class CareProblems
{
    public static readonly Problem HealthConsentNeeded = new("health_consent_needed", 403, new("请先同意使用健康信息，才能记录和查看用药计划。", "Agree to the use of health data first: without it no care plan is kept."));
    public static readonly Problem DaysNeeded = new("days_needed", 400, new("请填写还够用多少天。", "Say for how many days it lasts."));
    public static readonly Problem DaysInvalid = new("days_invalid", 400, new("天数须在 0 到 730 之间；已购买须至少 1 天。", "Days are 0 to 730; a purchase lasts at least one."));
    public static readonly Problem DoseInvalid = new("dose_invalid", 400, new("用法不合理：每次用量须大于 0，每天合计不超过 200，每天 1 到 8 次，时间与次数一致。", "Nobody takes it so: more than 0 each time, 200 a day at most, 1 to 8 times a day, as many times as doses."));
    public static readonly Problem TextInvalid = new("text_invalid_here", 400, new("文字为空、过长，或不在可选范围内。", "A text is empty, too long, or none of the choices."));
    public static readonly Problem TimeInvalid = new("time_invalid", 400, new("时间不在用药计划内，或超出可记录的范围。", "The time is none of the plan, or too far away to be noted."));
    public static readonly Problem ValueInvalid = new("value_invalid", 400, new("测量值不完整或不在可能的范围内。", "Values are missing, or out of what can be measured."));
    public static readonly Problem Exists = new("care_line_exists", 409, new("这个药已在用药计划里。", "The medicine is in the plan already."));
    public static readonly Problem TooMany = new("too_many", 409, new("数量已达上限。", "That is as much as is kept."));
    public static readonly Problem Over = new("enrolment_over", 409, new("确认码已过期或已处理，请让药师重新生成。", "The code has run out or was decided on: ask the pharmacist for a new one."));

    /// <summary>The refusal of an outcome that is not <see cref="CareOutcome.Done"/>.</summary>
    public static Problem Of(CareOutcome outcome) => outcome switch
    {
        CareOutcome.Done => throw new InvalidOperationException("That is no refusal."),
        CareOutcome.NotFound => Problems.NotFound,
        CareOutcome.NoHealthConsent => HealthConsentNeeded,
        CareOutcome.DaysNeeded => DaysNeeded,
        CareOutcome.DaysInvalid => DaysInvalid,
        CareOutcome.DoseInvalid => DoseInvalid,
        CareOutcome.TextInvalid => TextInvalid,
        CareOutcome.TimeInvalid => TimeInvalid,
        CareOutcome.ValueInvalid => ValueInvalid,
        CareOutcome.Exists => Exists,
        CareOutcome.TooMany => TooMany,
        CareOutcome.Over => Over,
        CareOutcome.GuardianNeeded => ConsentEndpoints.GuardianNeeded,
    };
}
