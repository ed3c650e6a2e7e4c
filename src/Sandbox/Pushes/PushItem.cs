namespace Engagement.Sandbox.Pushes;

/// <summary>
/// Something that a webhook is to learn. A receipt is only the ledger's sequence number, so that a million waiting ones
/// stay small; anything else carries its own content. A silent one is known to the provider and told to nobody.
/// </summary>
internal readonly record struct PushItem(long Seq, object? Content = null, int Attempt = 0, bool Silent = false);
