using System.Buffers.Text;
using System.Security.Cryptography;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

internal enum CodeKind
{
    Login,
    Phone,
}

/// <summary>The users that there are, their sign-in codes and their contacts. Safe for any thread.</summary>
internal sealed class People(SandboxClock clock, CurrentSetup setup)
{
    private static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Person> _byOpenId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Person> _byOfficialId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Code> _codes = new(StringComparer.Ordinal);

    /// <summary>Adds a person, or changes what is known of one.</summary>
    public void Put(PersonSetup wanted)
    {
        lock (_gate)
        {
            var person = Find(wanted.Openid, _byOpenId) ?? Find(wanted.OfficialOpenid, _byOfficialId) ?? new Person { Setup = wanted };
            person.Setup = wanted;
            if (wanted.Follows && !person.Follows) person.FollowedAt = clock.GetUtcNow();
            person.Follows = wanted.Follows;
            if (wanted.Openid is { } openId) _byOpenId[openId] = person;
            if (wanted.OfficialOpenid is { } officialId) _byOfficialId[officialId] = person;
        }
    }

    /// <summary>A code as <c>wx.login</c> or the phone button gives it; whoever has one is in the mini-program now.</summary>
    public string NewCode(string openId, CodeKind kind)
    {
        lock (_gate)
        {
            var person = GetOrAdd(openId, AccountKind.MiniProgram);
            person.LastVisit = clock.GetUtcNow();
            var text = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
            _codes[text] = new Code(openId, kind, clock.GetUtcNow() + CodeLife);
            return text;
        }
    }

    /// <summary>Whose code it is; otherwise 40029 (unknown, too old) or 40163 (used).</summary>
    public (string? OpenId, WeChatError? Refusal) UseCode(string code, CodeKind kind)
    {
        lock (_gate)
        {
            if (!_codes.TryGetValue(code, out var known) || known.Kind != kind || known.Until <= clock.GetUtcNow()) return (null, WeChatError.InvalidCode);
            if (known.Used) return (null, WeChatError.UsedCode);
            known.Used = true;
            return (known.OpenId, null);
        }
    }

    /// <summary>Looks at one person, or changes one; the default when there is none.</summary>
    public T? With<T>(string openId, AccountKind kind, Func<Person, T> use)
    {
        lock (_gate) return Find(openId, Index(kind)) is { } person ? use(person) : default;
    }

    /// <summary>Does something to a person, who is there from then on.</summary>
    public void Do(string openId, AccountKind kind, Action<Person> act)
    {
        lock (_gate) act(GetOrAdd(openId, kind));
    }

    public bool Knows(string openId, AccountKind kind)
    {
        lock (_gate) return Index(kind).ContainsKey(openId);
    }

    /// <summary>The followers of the official account, in order.</summary>
    public List<string> Followers()
    {
        lock (_gate) return [.. _byOfficialId.Where(pair => pair.Value.Follows).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
    }

    /// <summary>A message of the person: a long window for customer service.</summary>
    public void Wrote(string openId, AccountKind kind) =>
        Do(openId, kind, person => person.Contact(kind).OpenByMessage(clock.GetUtcNow(), Rule(kind)));

    /// <summary>A tap of the person: a short window.</summary>
    public void Touched(string openId, AccountKind kind) =>
        Do(openId, kind, person => person.Contact(kind).OpenByContact(clock.GetUtcNow(), Rule(kind)));

    private CustomerServiceSetup Rule(AccountKind kind) =>
        (kind == AccountKind.OfficialAccount ? setup.OfficialAccount : setup.WeChat)?.CustomerService ?? new CustomerServiceSetup();

    private Dictionary<string, Person> Index(AccountKind kind) => kind == AccountKind.OfficialAccount ? _byOfficialId : _byOpenId;

    private Person GetOrAdd(string openId, AccountKind kind)
    {
        if (Find(openId, Index(kind)) is { } known) return known;
        var wanted = kind == AccountKind.OfficialAccount ? new PersonSetup { OfficialOpenid = openId } : new PersonSetup { Openid = openId };
        return Index(kind)[openId] = new Person { Setup = wanted };
    }

    private static Person? Find(string? openId, Dictionary<string, Person> index) => openId is null ? null : index.GetValueOrDefault(openId);

    private sealed class Code(string openId, CodeKind kind, DateTimeOffset until)
    {
        public string OpenId => openId;

        public CodeKind Kind => kind;

        public DateTimeOffset Until => until;

        public bool Used { get; set; }
    }
}
