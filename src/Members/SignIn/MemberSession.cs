namespace Engagement.Members.SignIn;

/// <summary>One sign-in of one person on one device.</summary>
/// <param name="Id">What a token names.</param>
/// <param name="Account">The appid of the mini-program.</param>
/// <param name="OpenId">The person in it.</param>
/// <param name="UnionId">The person across our accounts, when WeChat says so.</param>
/// <param name="Member">The member; <c>null</c> is a visitor, who has not given a phone number.</param>
/// <param name="RefreshNo">The number of the refresh token that is good now.</param>
public sealed record MemberSession(long Id, string Account, string OpenId, string? UnionId, MemberId? Member, int RefreshNo)
{
    /// <summary>Masked: an openid is a person.</summary>
    public override string ToString() => $"MemberSession {{ Id = {Id}, Member = {Member} }}";
}

/// <summary>Who somebody is at WeChat, as the answer to a sign-in code says.</summary>
/// <param name="Account">The appid of the mini-program.</param>
/// <param name="OpenId">The person in it.</param>
/// <param name="UnionId">The person across our accounts, or <c>null</c>.</param>
public readonly record struct WeChatPerson(string Account, string OpenId, string? UnionId)
{
    /// <summary>Masked.</summary>
    public override string ToString() => "WeChatPerson";
}
