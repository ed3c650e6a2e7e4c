namespace Engagement.Sandbox.Sms;

/// <summary>Numbers that have answered R to a signature: the provider itself stops marketing to them, which shows in the receipt only.</summary>
internal sealed class OptOuts
{
    /// <summary>The receipt's code for such a number.</summary>
    public const string ReceiptCode = "W-BLACK";

    private readonly Lock _gate = new();
    private readonly HashSet<(string SignName, string Phone)> _numbers = [];

    /// <summary>Takes note when the reply is a refusal.</summary>
    public void Hear(string signName, string phone, string content)
    {
        if (!content.Trim().Equals("R", StringComparison.OrdinalIgnoreCase)) return;
        lock (_gate) _numbers.Add((signName, phone));
    }

    public bool Contains(string signName, string phone)
    {
        lock (_gate) return _numbers.Contains((signName, phone));
    }

    public void Clear()
    {
        lock (_gate) _numbers.Clear();
    }
}
