using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>What an app is; openids, tokens and rights of the two never mix.</summary>
[Flags]
internal enum AccountKind
{
    MiniProgram = 1,
    OfficialAccount = 2,
    Either = MiniProgram | OfficialAccount,
}

/// <summary>One app: its configuration of the moment, its tokens and what it has used of its quotas.</summary>
internal sealed class WeChatAccount(AccountKind kind, CurrentSetup setup, SandboxClock clock)
{
    public AccountKind Kind => kind;

    public WeChatSetup? Setup => kind == AccountKind.MiniProgram ? setup.WeChat : setup.OfficialAccount;

    public AccessTokens Tokens { get; } = new(clock);

    public QuotaBook Quotas { get; } = new(clock);
}

/// <summary>The mini-program and the official account.</summary>
internal sealed class WeChatAccounts(CurrentSetup setup, SandboxClock clock)
{
    private readonly CurrentSetup _setup = setup;

    public WeChatAccount MiniProgram { get; } = new(AccountKind.MiniProgram, setup, clock);

    public WeChatAccount Official { get; } = new(AccountKind.OfficialAccount, setup, clock);

    public WeChatAccount? Find(string? appId) => string.IsNullOrEmpty(appId) ? null
        : _setup.WeChat?.AppId == appId ? MiniProgram
        : _setup.OfficialAccount?.AppId == appId ? Official
        : null;

    /// <summary>The account whose token this is, or why a business call with it is refused.</summary>
    public (WeChatAccount? Account, WeChatError? Refusal) Check(ReadOnlySpan<char> token)
    {
        if (MiniProgram.Tokens.Check(token) is not { } refusal) return (MiniProgram, null);
        if (Official.Tokens.Check(token) is not { } other) return (Official, null);
        return (null, Official.Tokens.Knows(token) ? other : refusal);
    }

    public void ExpireTokens()
    {
        MiniProgram.Tokens.ExpireAll();
        Official.Tokens.ExpireAll();
    }

    public void RotateTokens()
    {
        MiniProgram.Tokens.RotateAll();
        Official.Tokens.RotateAll();
    }

    public void ClearQuotas()
    {
        MiniProgram.Quotas.Clear();
        Official.Quotas.Clear();
    }
}
