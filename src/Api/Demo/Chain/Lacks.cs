namespace Engagement.Api.Demo.Chain;

/// <summary>What a member did not give us: each is a reason for which some message does not leave.</summary>
[Flags]
internal enum Lacks
{
    Nothing = 0,
    HealthConsent = 1,
    ReminderConsent = 2,
    MarketingConsent = 4,
    PhoneUse = 8,
    Phone = 16,
    ValidPhone = 32,
    OpenId = 64,
    Grant = 128,
}

/// <summary>How what is lacking is spread over the members.</summary>
internal static class Circumstances
{
    // One turn of this list shows every reason; whoever is appointed to be due today takes the next.
    private static readonly Lacks[] s_turn =
    [
        Lacks.Nothing, Lacks.HealthConsent, Lacks.MarketingConsent, Lacks.ReminderConsent, Lacks.Nothing, Lacks.Grant,
        Lacks.PhoneUse | Lacks.Grant, Lacks.Phone | Lacks.Grant, Lacks.OpenId, Lacks.ValidPhone | Lacks.OpenId, Lacks.Nothing, Lacks.Nothing,
    ];

    /// <summary>The turn of an appointed member.</summary>
    public static Lacks Turn(int ordinal) => s_turn[ordinal % s_turn.Length];

    /// <summary>Anybody else. Who takes no long-term medicine is seldom asked for the health consent.</summary>
    public static Lacks Drawn(bool chronic, SeededStream random)
    {
        var lacks = Lacks.Nothing;
        if (random.Chance(chronic ? 0.12 : 0.7)) lacks |= Lacks.HealthConsent;
        if (random.Chance(chronic ? 0.10 : 0.7)) lacks |= Lacks.ReminderConsent;
        if (random.Chance(0.3)) lacks |= Lacks.MarketingConsent;
        if (random.Chance(0.03)) lacks |= Lacks.PhoneUse;
        if (random.Chance(0.04)) lacks |= Lacks.Phone;
        else if (random.Chance(0.03)) lacks |= Lacks.ValidPhone;
        if (random.Chance(0.25)) lacks |= Lacks.OpenId;
        if (random.Chance(0.3)) lacks |= Lacks.Grant;
        return lacks;
    }
}
