using System.Text;
using Engagement.Members.Profiles;
using Engagement.Storage;

namespace Engagement.Members.Imports;

/// <summary>A member row after cleaning, with the blind indexes by which it is matched.</summary>
internal sealed record CleanMember
{
    public required int Line { get; init; }

    public required Card Card { get; init; }

    public PersonName? Name { get; init; }

    public PhoneNumber? Phone { get; init; }

    public int Sex { get; init; }

    public Birthday? Birthday { get; init; }

    public string StoreCode { get; init; } = "";

    /// <summary>The day of joining, or <c>null</c> when the row does not tell.</summary>
    public int? Joined { get; init; }

    public string OpenId { get; init; } = "";

    public bool PrivateMode { get; init; }

    public IReadOnlyList<ConsentRow> Consents { get; init; } = [];

    /// <summary>Under every key in use, the current one first; empty without a phone.</summary>
    public IReadOnlyList<string> PhoneIndexes { get; init; } = [];

    /// <inheritdoc cref="PhoneIndexes"/>
    public IReadOnlyList<string> NameIndexes { get; init; } = [];

    /// <summary>What the row says, keyed, under every key in use.</summary>
    public IReadOnlyList<string> Hashes { get; init; } = [];

    /// <summary>Whether an earlier row of this import had the same card.</summary>
    public bool Repeated { get; init; }

    /// <summary>Masked: rows hold names and phones.</summary>
    public override string ToString() => $"member row {Line} of {Card.Source}";
}

/// <summary>Cleans member rows (domain 7.2). What cannot be right refuses the row; what is only empty talk is emptied and counted.</summary>
internal sealed class MemberCleaning(BlindIndex index, TimeProvider businessClock)
{
    private readonly HashSet<Card> _seen = [];
    private readonly DateOnly _today = ChinaTime.DateOf(businessClock.GetUtcNow());

    /// <summary>The cleaned row, or <c>null</c> with a refusal in the tally.</summary>
    public CleanMember? Clean(MemberRow row, ImportTally tally)
    {
        var card = new Card(PlainText.Fold(row.Source), PlainText.Fold(row.MemberNo));
        if (!TryCard(row, card, tally) || !TryPhone(row, tally, out var phone) || !TryName(row, phone, tally, out var name) || !TryBirthday(row, tally, out var birthday)
            || !TryJoined(row, tally, out var joined) || !TryConsents(row, tally, out var consents))
        {
            return null;
        }

        var clean = new CleanMember
        {
            Line = row.Line, Card = card, Name = name, Phone = phone, Sex = Sex(row, tally), Birthday = birthday, StoreCode = row.StoreCode.Trim(), Joined = joined,
            OpenId = row.OpenId.Trim(), PrivateMode = row.PrivateMode, Consents = consents, Repeated = !_seen.Add(card),
            PhoneIndexes = phone is { } p ? index.Candidates(MemberColumns.PhoneIndex, p.Digits) : [],
            NameIndexes = name is { } n ? index.Candidates(MemberColumns.NameIndex, n.CompareForm) : [],
        };
        return clean with { Hashes = index.Candidates("member_row", Content(clean)) };
    }

    // Always false, so that a refusal ends a Try in one line.
    private static bool Refused(MemberRow row, ImportTally tally, string column, Reason reason)
    {
        tally.Reject(row.Line, column, reason);
        return false;
    }

    private static bool TryCard(MemberRow row, Card card, ImportTally tally)
    {
        if (Checks.Length(card.Source, 1, 32) is { } source) return Refused(row, tally, "source", source);
        if (Checks.Length(card.MemberNo, 1, 64) is { } number) return Refused(row, tally, "member_no", number);
        return row.OpenId.Length <= 64 || Refused(row, tally, "openid", Reasons.TooLong(64));
    }

    private static bool TryPhone(MemberRow row, ImportTally tally, out PhoneNumber? phone)
    {
        phone = null;
        if (!PhoneNumber.TryParse(row.Phone, out var number, out var fault))
        {
            if (fault == PhoneFault.Missing) return true;
            if (fault != PhoneFault.Placeholder) return Refused(row, tally, "phone", Reasons.Of(fault));
            tally.Correct("phone_placeholder");
            return true;
        }

        if (number.Digits != row.Phone) tally.Correct("phone_format");
        if (number.IsSuspicious) tally.Flag("phone_suspicious");
        if (!number.HasKnownPrefix) tally.Flag("phone_new_prefix");
        phone = number;
        return true;
    }

    private static bool TryName(MemberRow row, PhoneNumber? phone, ImportTally tally, out PersonName? name)
    {
        name = null;
        if (!PersonName.TryParse(row.Name, out var parsed, out var fault))
        {
            if (fault == NameFault.TooLong) return Refused(row, tally, "name", Reasons.NameTooLong);
            if (fault == NameFault.Placeholder) tally.Correct("name_placeholder");
            else if (fault != NameFault.Missing || row.Name.Trim().Length > 0) tally.Flag("name_unusable");
            return true;
        }

        // 张三 is a name like any other, except beside the phone of an invented person.
        if (phone is { IsInvented: true } && NameForms.IsExample(parsed.Value))
        {
            tally.Correct("name_placeholder");
            return true;
        }

        if (row.Name.Any(char.IsAsciiDigit)) tally.Flag("name_digits");
        if (parsed.Value != row.Name) tally.Correct("name_format");
        name = parsed;
        return true;
    }

    private bool TryBirthday(MemberRow row, ImportTally tally, out Birthday? birthday)
    {
        birthday = null;
        if (Birthday.TryParse(row.Birthday, _today, out var parsed, out var fault))
        {
            birthday = parsed;
            return true;
        }

        switch (fault)
        {
            case BirthdayFault.Missing: return true;
            case BirthdayFault.Placeholder: tally.Correct("birthday_placeholder"); return true;
            case BirthdayFault.Lunar: tally.Flag("birthday_lunar"); return true;
            case BirthdayFault.None or BirthdayFault.Format or BirthdayFault.Impossible or BirthdayFault.Future:
            default: return Refused(row, tally, "birthday", Reasons.Of(fault));
        }
    }

    private bool TryJoined(MemberRow row, ImportTally tally, out int? joined)
    {
        joined = null;
        if (string.IsNullOrWhiteSpace(row.Joined)) return true;
        if (!CivilDate.TryParse(row.Joined, out var date)) return Refused(row, tally, "joined", Reasons.Date);
        if (date > _today) return Refused(row, tally, "joined", Reasons.FutureDate);
        joined = ChinaTime.DayOf(date);
        return true;
    }

    // Without evidence a consent is none (domain 7.2); a refusal needs no proof to be respected.
    private bool TryConsents(MemberRow row, ImportTally tally, out IReadOnlyList<ConsentRow> consents)
    {
        consents = [];
        if (row.Consents.Count == 0) return true;
        var today = ChinaTime.DayOf(_today);
        var kept = new List<ConsentRow>();
        foreach (var consent in row.Consents)
        {
            if (consent.Day > today) return Refused(row, tally, "consent_date", Reasons.ConsentDay);
            if (consent.Evidence.Length > 200) return Refused(row, tally, "consent_evidence", Reasons.TooLong(200));
            if (consent.TextVersion.Length > 32) return Refused(row, tally, "consent_text", Reasons.TooLong(32));
            if (consent.Granted && string.IsNullOrWhiteSpace(consent.Evidence)) tally.Flag("consent_without_evidence");
            else kept.Add(consent);
        }

        consents = kept;
        return true;
    }

    private static int Sex(MemberRow row, ImportTally tally)
    {
        switch (PlainText.Fold(row.Sex).ToUpperInvariant())
        {
            case "男" or "1" or "M" or "MALE": return 1;
            case "女" or "2" or "F" or "FEMALE": return 2;
            case "" or "0" or "未知": return 0;
            default:
                tally.Flag("sex_unreadable");
                return 0;
        }
    }

    private static string Content(CleanMember row)
    {
        var text = new StringBuilder()
            .Append(row.Name?.Value).Append('\n').Append(row.Phone?.Digits).Append('\n').Append(row.Sex).Append('\n')
            .Append(row.Birthday?.Year).Append('-').Append(row.Birthday?.MonthDay).Append('\n').Append(row.StoreCode).Append('\n')
            .Append(row.Joined).Append('\n').Append(row.OpenId).Append('\n').Append(row.PrivateMode);
        foreach (var consent in row.Consents)
        {
            text.Append('\n').Append((int)consent.Purpose).Append(consent.Granted).Append(consent.Day).Append(consent.TextVersion).Append('\t').Append(consent.Evidence);
        }

        return text.ToString();
    }
}
