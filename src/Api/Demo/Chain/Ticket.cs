namespace Engagement.Api.Demo.Chain;

/// <summary>One visit to the till.</summary>
/// <param name="Day">The business day.</param>
/// <param name="Goods">What was bought, at least one line.</param>
/// <param name="Line">The line of the export that it stands for; 0 when it was made.</param>
/// <param name="Final">Never refunded: its money or its supply must stay as it is.</param>
internal sealed record Ticket(int Day, IReadOnlyList<Good> Goods, int Line = 0, bool Final = false);
