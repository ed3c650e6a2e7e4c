using Engagement.Members.Profiles;

namespace Engagement.Members.Merges;

/// <summary>What two records with something in common are.</summary>
internal enum MergeVerdict
{
    /// <summary>One person.</summary>
    Merge = 1,

    /// <summary>Perhaps one: a member of staff looks.</summary>
    Review = 2,

    /// <summary>Something speaks against it that nobody may overlook.</summary>
    Apart = 3,
}

/// <summary>The rules of domain 7.2: several good identifiers and no hard conflict make one person; shared identifiers are weak.</summary>
internal static class MergeRules
{
    private const int YearsFarApart = 10;

    // Verified beats stated beats imported.
    private const int Stated = 2;
    private static readonly HashSet<string> s_stated = ["miniprogram", "member", "staff"];

    /// <summary>Decides about two records, and says why in a code.</summary>
    /// <param name="one">A record.</param>
    /// <param name="other">Another.</param>
    /// <param name="sameUnionId">Whether WeChat says that one person holds both.</param>
    public static (MergeVerdict Verdict, string Reason) Decide(OpenRecord one, OpenRecord other, bool sameUnionId)
    {
        if (Conflict(one, other) is { } conflict) return (MergeVerdict.Apart, conflict);
        if (sameUnionId) return (MergeVerdict.Merge, "same_unionid");
        var samePhone = one.Phone is not null && one.Phone == other.Phone;
        if (samePhone && one.CompareName is not null && one.CompareName == other.CompareName) return (MergeVerdict.Merge, "same_phone_and_name");
        if (samePhone && (one.Name is null || other.Name is null)) return (MergeVerdict.Merge, "same_phone_no_name");
        if (samePhone) return (MergeVerdict.Review, "same_phone_other_name");
        return SameNameAndBirthday(one, other) ? (MergeVerdict.Review, "same_name_and_birthday") : (MergeVerdict.Review, "by_staff");
    }

    /// <summary>The hard conflict between two records, or <c>null</c>.</summary>
    public static string? Conflict(OpenRecord one, OpenRecord other) =>
        one.PhoneVerifiedAt is not null && other.PhoneVerifiedAt is not null && one.Phone != other.Phone ? "two_verified_phones"
        : one.Sex != 0 && other.Sex != 0 && one.Sex != other.Sex && one.BirthYear is { } year && other.BirthYear is { } born && Math.Abs(year - born) >= YearsFarApart ? "sex_and_birth_year"
        : null;

    /// <summary>Whether both carry one name; then health consent and health data cross.</summary>
    public static bool SameName(OpenRecord one, OpenRecord other) => one.CompareName is not null && one.CompareName == other.CompareName;

    /// <summary>The values of the record that stays.</summary>
    public static OpenRecord Combine(OpenRecord kept, OpenRecord gone)
    {
        var sources = new Dictionary<string, string>(kept.Sources);
        var takesName = Takes("name", kept.Name is null, gone.Name is null);
        var takesPhone = gone.Phone is not null && (kept.Phone is null || (gone.PhoneVerifiedAt ?? 0) > (kept.PhoneVerifiedAt ?? 0));
        var takesSex = Takes("sex", kept.Sex == 0, gone.Sex == 0);
        var takesBirthday = Takes("birthday", kept.BirthMonthDay is null, gone.BirthMonthDay is null);
        Note(takesName, "name");
        Note(takesPhone, "phone");
        Note(takesSex, "sex");
        Note(takesBirthday, "birthday");
        return kept with
        {
            Name = takesName ? gone.Name : kept.Name, Phone = takesPhone ? gone.Phone : kept.Phone, PhoneVerifiedAt = takesPhone ? gone.PhoneVerifiedAt : kept.PhoneVerifiedAt,
            Sex = takesSex ? gone.Sex : kept.Sex, BirthYear = takesBirthday ? gone.BirthYear : kept.BirthYear, BirthMonthDay = takesBirthday ? gone.BirthMonthDay : kept.BirthMonthDay,
            StoreId = kept.StoreId ?? gone.StoreId, JoinedDay = Math.Min(kept.JoinedDay, gone.JoinedDay),
            // Whoever asked for silence once has it.
            PrivateMode = kept.PrivateMode || gone.PrivateMode, MutedKinds = kept.MutedKinds | gone.MutedKinds, MutedChannels = kept.MutedChannels | gone.MutedChannels,
            Sources = sources,
        };

        bool Takes(string field, bool keptEmpty, bool goneEmpty) => !goneEmpty && (keptEmpty || Rank(gone, field) > Rank(kept, field));

        void Note(bool takes, string field)
        {
            if (takes && gone.Sources.TryGetValue(field, out var source)) sources[field] = source;
        }
    }

    /// <summary>What the kept record goes back to: a value that the merge brought and nobody has changed since.</summary>
    public static OpenRecord Part(OpenRecord now, Originals originals)
    {
        var (before, result) = (originals.Kept, originals.Result);
        return now with
        {
            Name = now.Name == result.Name ? before.Name : now.Name,
            Phone = now.Phone == result.Phone ? before.Phone : now.Phone, PhoneVerifiedAt = now.Phone == result.Phone ? before.PhoneVerifiedAt : now.PhoneVerifiedAt,
            Sex = now.Sex == result.Sex ? before.Sex : now.Sex,
            BirthYear = now.BirthMonthDay == result.BirthMonthDay ? before.BirthYear : now.BirthYear, BirthMonthDay = now.BirthMonthDay == result.BirthMonthDay ? before.BirthMonthDay : now.BirthMonthDay,
            StoreId = now.StoreId == result.StoreId ? before.StoreId : now.StoreId, JoinedDay = before.JoinedDay,
            PrivateMode = now.PrivateMode == result.PrivateMode ? before.PrivateMode : now.PrivateMode,
            MutedKinds = now.MutedKinds == result.MutedKinds ? before.MutedKinds : now.MutedKinds,
            MutedChannels = now.MutedChannels == result.MutedChannels ? before.MutedChannels : now.MutedChannels,
            Sources = before.Sources,
        };
    }

    private static int Rank(OpenRecord record, string field) => record.Sources.TryGetValue(field, out var source) && s_stated.Contains(source) ? Stated : 1;

    private static bool SameNameAndBirthday(OpenRecord one, OpenRecord other) =>
        SameName(one, other) && one.BirthYear is not null && (one.BirthYear, one.BirthMonthDay) == (other.BirthYear, other.BirthMonthDay);
}
