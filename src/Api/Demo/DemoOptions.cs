namespace Engagement.Api.Demo;

/// <summary>What <c>run.sh</c> was asked for.</summary>
/// <param name="Data">The folder that holds everything.</param>
/// <param name="Port">The API's port; 0 picks a free one.</param>
/// <param name="SandboxPort">The sandbox's port; 0 picks a free one.</param>
/// <param name="Purchases">A till export, or <c>null</c> to make a chain.</param>
/// <param name="Members">How many members the made chain has.</param>
/// <param name="At">Where the business clock starts, or <c>null</c> for ten o'clock today.</param>
/// <param name="Once">Do the main job and stop.</param>
/// <param name="Empty">Start without the demo's data.</param>
internal sealed record DemoOptions(
    string Data, int Port, int SandboxPort, string? Purchases, int Members, DateTimeOffset? At, bool Once, bool Empty);
