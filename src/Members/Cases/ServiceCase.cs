namespace Engagement.Members.Cases;

/// <summary>What a case is about.</summary>
public enum CaseCategory
{
    /// <summary>投诉.</summary>
    Complaint = 1,

    /// <summary>咨询.</summary>
    Consultation = 2,

    /// <summary>售后.</summary>
    AfterSale = 3,

    /// <summary>来电登记.</summary>
    Call = 4,

    /// <summary>问药师: answered by a registered pharmacist, with name and licence.</summary>
    Pharmacist = 5,
}

/// <summary>Where something was said.</summary>
public enum CaseChannel
{
    /// <summary>小程序.</summary>
    MiniProgram = 1,

    /// <summary>柜台.</summary>
    Counter = 2,

    /// <summary>电话.</summary>
    Phone = 3,

    /// <summary>微信.</summary>
    WeChat = 4,

    /// <summary>短信.</summary>
    Sms = 5,

    /// <summary>调查.</summary>
    Survey = 6,

    /// <summary>系统.</summary>
    House = 7,
}

/// <summary>Where a case stands.</summary>
public enum CaseState
{
    /// <summary>待处理.</summary>
    Open = 1,

    /// <summary>已答复.</summary>
    Answered = 2,

    /// <summary>已办结.</summary>
    Done = 3,
}

/// <summary>Who speaks in a thread.</summary>
public enum CaseVoice
{
    /// <summary>The member.</summary>
    Member = 1,

    /// <summary>Staff.</summary>
    Staff = 2,

    /// <summary>A fixed, reviewed text.</summary>
    House = 3,
}

/// <summary>What came of a change to a case.</summary>
public enum CaseOutcome
{
    /// <summary>Done.</summary>
    Done = 1,

    /// <summary>There is none in sight.</summary>
    NotFound,

    /// <summary>Too many at once.</summary>
    TooMany,

    /// <summary>A text that is empty or too long.</summary>
    TextInvalid,

    /// <summary>A photo that is not there, not the member's, or too many.</summary>
    PhotoInvalid,

    /// <summary>No picture, or too large.</summary>
    NoPicture,

    /// <summary>Not in this state: rated before it was done, or reopened too late.</summary>
    NotNow,

    /// <summary>A question to a pharmacist is answered by one.</summary>
    LicenceNeeded,

    /// <summary>Somebody else changed it.</summary>
    Stale,
}

/// <summary>A case.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Member">Whose; <c>null</c> when nobody said.</param>
/// <param name="Category">What it is about.</param>
/// <param name="State">Where it stands.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="DueAt">When an answer is due.</param>
public sealed record ServiceCase(long Id, MemberId? Member, CaseCategory Category, CaseState State, DateTimeOffset OpenedAt, DateTimeOffset DueAt)
{
    /// <summary>Why it came to be, as a code that staff choose; empty until then.</summary>
    public string Cause { get; init; } = "";

    /// <summary>The store that it concerns.</summary>
    public StoreId? Store { get; init; }

    /// <summary>Who of the staff looks after it.</summary>
    public long? Owner { get; init; }

    /// <summary>Where it came from.</summary>
    public CaseChannel Source { get; init; }

    /// <summary>How often its due time passed: 1 is for the store's manager, 2 for the head office.</summary>
    public int Level { get; init; }

    /// <summary>When it was done.</summary>
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>How often it was opened again.</summary>
    public int Reopened { get; init; }

    /// <summary>The member's rating, 1 to 5.</summary>
    public int? Rating { get; init; }

    /// <summary>Rises with each change by staff.</summary>
    public long Version { get; init; }

    /// <summary>The first words of the thread.</summary>
    public string Opening { get; init; } = "";

    /// <summary>Masked.</summary>
    public override string ToString() => $"case {Id}";
}

/// <summary>Something that was said in a case.</summary>
/// <param name="At">When.</param>
/// <param name="Voice">By whom.</param>
/// <param name="Speaker">The name that is shown: of a pharmacist with the licence.</param>
/// <param name="Channel">Where.</param>
/// <param name="Text">What.</param>
/// <param name="Photos">Photos, by id.</param>
/// <param name="Internal">Whether only staff see it.</param>
public sealed record CaseEntry(DateTimeOffset At, CaseVoice Voice, string Speaker, CaseChannel Channel, string Text, IReadOnlyList<long> Photos, bool Internal);

/// <summary>Who of the staff speaks.</summary>
/// <param name="Id">The account.</param>
/// <param name="Name">What members read.</param>
public readonly record struct CaseStaff(long Id, string Name);

/// <summary>The fixed texts (domain 4.9): a machine neither diagnoses nor doses, and says at once what cannot wait.</summary>
public static class CaseTexts
{
    /// <summary>For what may be an emergency.</summary>
    public const string Emergency = "如果您或身边的人正出现胸痛、呼吸困难、意识不清、大量出血、严重过敏或误服、过量服药，请立即拨打120或前往最近的急诊，不要等待本页回复。";

    /// <summary>For symptoms, doses, pregnancy, children and interactions.</summary>
    public const string Symptom = "您的问题涉及症状或用药安全。本页自动回复不做诊断，也不调整用药；已转注册药师人工答复。症状加重或没有好转，请及时就医。";

    private static readonly string[] s_emergency =
        ["胸痛", "胸闷", "呼吸困难", "喘不上气", "昏迷", "意识不清", "晕倒", "抽搐", "大出血", "吐血", "便血", "中毒", "误服", "过量", "多吃了", "自杀", "轻生", "休克", "喉头", "口角歪斜", "说话不清", "剧烈头痛"];

    private static readonly string[] s_symptoms =
        ["疼", "痛", "发烧", "发热", "咳嗽", "头晕", "恶心", "呕吐", "皮疹", "腹泻", "心慌", "过敏", "怀孕", "孕妇", "备孕", "哺乳", "孩子", "儿童", "宝宝", "一起吃", "同服", "相互作用", "剂量", "加量", "减量", "停药", "副作用", "不良反应"];

    /// <summary>The fixed text that a message gets at once; <c>null</c> for most.</summary>
    public static string? For(string text) =>
        Array.Exists(s_emergency, word => text.Contains(word, StringComparison.Ordinal)) ? Emergency
        : Array.Exists(s_symptoms, word => text.Contains(word, StringComparison.Ordinal)) ? Symptom : null;
}

/// <summary>How soon an answer is due.</summary>
internal static class CaseTerms
{
    /// <summary>After a due time has passed: the next one.</summary>
    public static readonly TimeSpan Escalation = TimeSpan.FromHours(24);

    /// <summary>The highest level: the head office.</summary>
    public const int Highest = 2;

    /// <summary>How long a case that is done may be opened again.</summary>
    public static readonly TimeSpan Reopening = TimeSpan.FromDays(30);

    public static TimeSpan For(CaseCategory category) => TimeSpan.FromHours(category switch
    {
        CaseCategory.Pharmacist => 4,
        CaseCategory.Complaint or CaseCategory.Consultation => 24,
        CaseCategory.AfterSale => 48,
        CaseCategory.Call => 72,
    });
}
