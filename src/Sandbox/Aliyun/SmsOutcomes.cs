using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Aliyun;

/// <summary>What becomes of an accepted short message; receipts and queries say the same.</summary>
internal sealed class SmsOutcomes(CurrentSetup setup, Faults faults, OptOuts optOuts)
{
    /// <summary><c>null</c> = delivered, <c>none</c> = the carrier never says, anything else = the receipt's code.</summary>
    public string? FailureOf(in LedgerEntry entry) =>
        ReceiptOutcome.Of(entry, faults, "UNDELIV")
        ?? MagicNumbers.Receipt(setup.Value, entry.To)
        ?? (IsMarketing(entry.TemplateId) && optOuts.Contains(entry.SignName, entry.To) ? OptOuts.ReceiptCode : null);

    private bool IsMarketing(string code) => setup.FindSmsTemplate(code)?.Type == SmsTemplateType.Marketing;
}
