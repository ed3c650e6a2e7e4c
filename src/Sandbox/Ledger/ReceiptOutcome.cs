using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.Ledger;

/// <summary>What the receipt of a message will say. Everything is delivered, unless the recipient's own ending or a fault says otherwise.</summary>
internal static class ReceiptOutcome
{
    /// <summary>Recipients that end so are never reached.</summary>
    public const string Unreachable = "0404";

    /// <summary><c>null</c> = delivered, <c>none</c> = no receipt ever, anything else = the failure's code.</summary>
    public static string? Of(in LedgerEntry entry, Faults faults, string unreachableCode) =>
        faults.ReceiptFor(entry.Channel, entry.To)
        ?? (entry.To.EndsWith(Unreachable, StringComparison.Ordinal) ? unreachableCode : null);
}
