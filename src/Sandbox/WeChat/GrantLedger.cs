namespace Engagement.Sandbox.WeChat;

/// <summary>Who exists, and how many messages each person still allows per template. Safe for any thread.</summary>
internal sealed class GrantLedger
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _openIds = new(StringComparer.Ordinal);
    private readonly Dictionary<(string OpenId, string TemplateId), int> _grants = [];

    public void Know(string openId)
    {
        lock (_gate) _openIds.Add(openId);
    }

    public bool Knows(string openId)
    {
        lock (_gate) return _openIds.Contains(openId);
    }

    /// <summary>Adds taps on "allow"; whoever taps is known from then on.</summary>
    public void Add(string openId, string templateId, int count)
    {
        lock (_gate)
        {
            _openIds.Add(openId);
            _grants[(openId, templateId)] = _grants.GetValueOrDefault((openId, templateId)) + count;
        }
    }

    /// <summary>The person has turned the template off: nothing is left.</summary>
    public void Zero(string openId, string templateId)
    {
        lock (_gate) _grants.Remove((openId, templateId));
    }

    /// <summary>Whether a message may go; a one-time template uses one grant up, a long-term one none.</summary>
    public bool Take(string openId, string templateId, bool oneTime)
    {
        lock (_gate)
        {
            var left = _grants.GetValueOrDefault((openId, templateId));
            if (left == 0) return false;
            if (oneTime) _grants[(openId, templateId)] = left - 1;
            return true;
        }
    }

    /// <summary>Forgets the grants; people stay known.</summary>
    public void ClearGrants()
    {
        lock (_gate) _grants.Clear();
    }
}
